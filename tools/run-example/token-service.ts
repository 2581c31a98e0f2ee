import { promisify } from 'node:util';
import { token } from '@gomomento/generated-types';
import { type sendUnaryData, Server, ServerCredentials, type ServerUnaryCall, status } from '@grpc/grpc-js';
import type { LocalMomento } from '..';
import type { ItemPermission, TopicPermission } from '../local-momento/local-momento';

type Request = token.token._GenerateDisposableTokenRequest;
type Response = token.token._GenerateDisposableTokenResponse;
type MintedPermission = Parameters<LocalMomento['mintToken']>[0]['permissions'][number];

/** By the numbers of Momento's `CacheRole`. */
const CACHE_ROLES: Readonly<Record<number, ItemPermission['role']>> = { 2: 'readonly' };
/** By the numbers of Momento's `TopicRole`. */
const TOPIC_ROLES: Readonly<Record<number, TopicPermission['role']>> = {
  1: 'publishsubscribe',
  2: 'subscribeonly',
  3: 'publishonly',
};

/**
 * Stands in for Momento's token service, which the local Momento has not: it speaks its gRPC, by the definitions that Momento
 * publishes for its own SDKs, and has the local Momento mint the tokens. It has no TLS.
 */
export class TokenService {
  /**
   * Starts it on a free port of 127.0.0.1.
   *
   * @param apiKey what its callers must have. Momento's SDK has an empty one for a local Momento
   */
  public static async start(momento: LocalMomento, apiKey = momento.apiKey): Promise<TokenService> {
    const server = new Server();
    server.addService(token.token.UnimplementedTokenService.definition, {
      GenerateDisposableToken: (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>) => {
        const { authorization = '' } = call.metadata.getMap();
        if (authorization !== apiKey || call.request.auth_token !== apiKey) {
          answer({ code: status.UNAUTHENTICATED, details: 'This is not the API key' });
          return;
        }
        generate(momento, call.request).then(
          (response) => {
            answer(null, response);
          },
          (error: unknown) => {
            answer({ code: status.INVALID_ARGUMENT, details: String(error) });
          },
        );
      },
    });
    const listen = promisify(server.bindAsync.bind(server));
    const port = await listen('127.0.0.1:0', ServerCredentials.createInsecure());
    return new TokenService(server, `http://127.0.0.1:${port.toString()}`);
  }

  private constructor(
    private readonly server: Server,
    public readonly endpoint: string,
  ) {}

  public stop(): void {
    this.server.forceShutdown();
  }
}

async function generate(momento: LocalMomento, request: Request): Promise<Response> {
  const expiresInSeconds = request.expires.valid_for_seconds;
  const permissions = request.permissions.explicit.permissions.map(mintedFor);
  const value = await momento.mintToken({ permissions, expiresInSeconds, tokenId: request.token_id });
  return new token.token._GenerateDisposableTokenResponse({
    api_key: value,
    endpoint: momento.endpoint,
    valid_until: Math.floor(Date.now() / 1000) + expiresInSeconds,
  });
}

function mintedFor(asked: Request['permissions']['explicit']['permissions'][number]): MintedPermission {
  if (asked.has_cache_permissions) {
    const { role, cache_selector: cache, has_item_selector: isOneItem, item_selector: item } = asked.cache_permissions;
    const minted = CACHE_ROLES[role];
    if (!minted) throw new Error(`A role that the local Momento has not: ${role.toString()}`);
    return { role: minted, cache: cache.cache_name, ...(isOneItem && { key: Buffer.from(item.key).toString() }) };
  }
  const { role, cache_selector: cache, topic_selector: topic } = asked.topic_permissions;
  const minted = TOPIC_ROLES[role];
  if (!minted) throw new Error(`A role that the local Momento has not: ${role.toString()}`);
  return topic.has_topic_name_prefix
    ? { role: minted, cache: cache.cache_name, topicPrefix: topic.topic_name_prefix }
    : { role: minted, cache: cache.cache_name, topic: topic.topic_name };
}
