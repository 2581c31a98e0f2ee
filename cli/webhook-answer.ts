import { jsonObject } from './parked-event';

/** What came back for a webhook. */
export interface WebhookAnswer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
  /** How far this machine's clock is ahead of the server's, in seconds, about; where the server says what time it is. */
  readonly clockAheadBy?: number;
}

/** What the handler itself says in an answer: what it calls `message`. AWS's own answers say other things. */
export function handlerMessage({ body }: WebhookAnswer): string | undefined {
  const { message } = jsonObject(body) ?? {};
  return typeof message === 'string' ? message : undefined;
}

/** The handler refused the request for its signature or its age. */
export function isRefusal(answer: WebhookAnswer): boolean {
  return answer.status === 403 && handlerMessage(answer) === 'Unauthorized';
}

/** The handler knows the request and did not put it on the bus again. */
export function isDuplicate(answer: WebhookAnswer): boolean {
  return answer.status === 200 && handlerMessage(answer) === 'Duplicate';
}

/** The message was taken, as far as the sender can tell. */
export function isAccepted({ status }: WebhookAnswer): boolean {
  return status >= 200 && status < 300;
}
