// Creates a cache, unless it exists.
import { CacheClient, Configurations, CreateCache, CreateCacheResponse } from '@gomomento/sdk';
import { argumentsOf } from './arguments';
import { credentials } from './credentials';

async function main(): Promise<void> {
  const [cache] = argumentsOf('CACHE');
  const client = await CacheClient.create({
    configuration: Configurations.Laptop.v1(),
    credentialProvider: credentials(),
    defaultTtlSeconds: 3600,
  });
  const answer = await client.createCache(cache);
  client.close();
  if (answer.type === CreateCacheResponse.Error) throw new Error(answer.message());
  console.log(answer instanceof CreateCache.AlreadyExists ? `${cache} exists already` : `created ${cache}`);
}

main().catch((error: unknown) => {
  console.error(String(error));
  process.exitCode = 1;
});
