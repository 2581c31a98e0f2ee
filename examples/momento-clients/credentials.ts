import { CredentialProvider } from '@gomomento/sdk';

/**
 * The API key of MOMENTO_API_KEY and the endpoint of MOMENTO_ENDPOINT; with MOMENTO_LOCAL, such as `127.0.0.1:8080`, a local Momento
 * without a key.
 */
export function credentials(): CredentialProvider {
  const local = process.env.MOMENTO_LOCAL;
  if (local === undefined) return CredentialProvider.fromEnvVarV2();
  const { hostname, port } = new URL(`http://${local}`);
  return CredentialProvider.forMomentoLocal({ hostname, port: Number(port) });
}
