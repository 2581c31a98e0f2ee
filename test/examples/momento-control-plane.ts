import { promisify } from 'node:util';
import { control, webhook } from '@gomomento/generated-types';
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import type { LocalMomento } from '../../tools';

type Answering<Request, Response> = (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => void;

/**
 * Stands in for the services of Momento that make caches and webhooks, which the local Momento does not have. It speaks their gRPC, by
 * the definitions that Momento publishes for its own SDKs, and has the local Momento make them. It has no TLS.
 */
export class MomentoControlPlane {
  /** Starts it on a free port of 127.0.0.1. */
  public static async start(momento: LocalMomento, signingSecret: string): Promise<MomentoControlPlane> {
    const createCache: Answering<
      control.control_client._CreateCacheRequest,
      control.control_client._CreateCacheResponse
    > = ({ request }, answer) => {
      if (caches.has(request.cache_name)) {
        answer({ code: status.ALREADY_EXISTS, details: 'There is a cache of this name' });
        return;
      }
      caches.add(request.cache_name);
      momento.createCache(request.cache_name).then(() => {
        answer(null, new control.control_client._CreateCacheResponse());
      }, answer);
    };
    const putWebhook: Answering<webhook.webhook._PutWebhookRequest, webhook.webhook._PutWebhookResponse> = (
      { request },
      answer,
    ) => {
      const { webhook_id: id, topic_name: topic, destination } = request.webhook;
      momento.addWebhook({ cache: id.cache_name, topic, url: destination.post_url, signingSecret }).then(() => {
        answer(null, new webhook.webhook._PutWebhookResponse({ secret_string: signingSecret }));
      }, answer);
    };
    const caches = new Set<string>();
    const server = new Server();
    server.addService(control.control_client.UnimplementedScsControlService.definition, { CreateCache: createCache });
    server.addService(webhook.webhook.UnimplementedWebhookService.definition, { PutWebhook: putWebhook });
    const listen = promisify(server.bindAsync.bind(server));
    const port = await listen('127.0.0.1:0', ServerCredentials.createInsecure());
    return new MomentoControlPlane(server, `127.0.0.1:${port.toString()}`);
  }

  private constructor(
    private readonly server: Server,
    /** Its name and port. */
    public readonly host: string,
  ) {}

  public stop(): void {
    this.server.forceShutdown();
  }
}
