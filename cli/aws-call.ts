import { Failure } from './failure';
import { printable } from './printable';

/** What an AWS service answered, or why it did not. */
export class AwsFailure extends Failure {
  public constructor(
    message: string,
    /** The service's own code for it, such as `ValidationException`. */
    public readonly code: string,
  ) {
    super(message);
  }
}

/**
 * Makes a call to an AWS service, and puts its failure in a sentence.
 *
 * @param action the permission that the call needs
 */
export async function callAws<T>(service: string, action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof Failure) throw error;
    const cause = error instanceof Error ? error : new Error(String(error));
    throw new AwsFailure(explain(service, action, cause), cause.name);
  }
}

function explain(service: string, action: string, error: Error): string {
  const { name, message, code } = error as NodeJS.ErrnoException;
  const said = printable(message);
  if (name === 'CredentialsProviderError' || name === 'TokenProviderError') {
    return (
      `No valid AWS credentials found (${said}). ` +
      'Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or log in with `aws sso login`.'
    );
  }
  if (message === 'Region is missing') {
    return 'The AWS region is unknown: set AWS_REGION or give --region.';
  }
  if (/^(AccessDenied|AuthorizationError)/.test(name)) {
    return `${service} denied access: ${said} (The call needs the permission ${action}.)`;
  }
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|InvalidSignature|SignatureDoesNotMatch)/.test(name)) {
    return `${service} rejected the AWS credentials: ${said}`;
  }
  if (code !== undefined || name === 'TimeoutError') {
    return `${service} is unreachable: ${said || (code ?? name)}`;
  }
  const { httpStatusCode: status } = (error as { $metadata?: { httpStatusCode?: number } }).$metadata ?? {};
  if (name === 'Unknown' && status !== undefined) {
    return `${service}, or a proxy in front of it, answered with HTTP status ${status.toString()}.`;
  }
  return `${service} answered ${printable(name)}: ${said}`;
}
