// The function behind the page: it gives the page tokens for Momento, and changes the table. It never writes to Momento.
//
//   POST /token                    a token that reads the cache and subscribes to the topic, for TOKEN_MINUTES
//   GET /items                     the items of the table, 100 at most
//   PUT /items?Location=Oslo       writes an item; the body has the other attributes, as JSON
//   DELETE /items?Location=Oslo    deletes it
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  AuthClient,
  CacheRole,
  CredentialProvider,
  ExpiresIn,
  GenerateDisposableTokenResponse,
  TopicRole,
} from '@gomomento/sdk';

/** A call of the function URL, as far as it matters here. */
interface Call {
  readonly rawPath: string;
  readonly queryStringParameters?: Readonly<Partial<Record<string, string>>>;
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The item of a place, without its key. */
type Weather = Readonly<Record<(typeof NUMBERS)[number], number>>;

const NUMBERS = ['MaxTemp', 'MinTemp', 'ChancesOfPrecipitation', 'TTL'] as const;
const LONGEST_LOCATION = 64;
/** In seconds: Momento keeps an item for no longer, so neither does the table. */
const LONGEST_LIFE = 24 * 60 * 60;
const TOKEN_MINUTES = 10;

const {
  TABLE_NAME = '',
  CACHE = '',
  TOPIC = '',
  API_KEY_SECRET = '',
  MOMENTO_ENDPOINT = '',
  MOMENTO_LOCAL,
} = process.env;

const dynamoDb = new DynamoDBClient();
const secrets = new SecretsManagerClient();
/** The client of the last key: clients cannot be closed, so it is made again for a new key only. */
let momento: { readonly apiKey: string; readonly client: AuthClient } | undefined;

// Anyone can call this. In an application, look here at who it is, and whether they may write.
export async function handler(call: Call): Promise<Answer> {
  const { rawPath: path, requestContext, queryStringParameters: { Location = '' } = {} } = call;
  const { method } = requestContext.http;
  if (path === '/token' && method === 'POST') return answer(200, await newToken());
  if (path !== '/items') return answer(404, { message: 'Not found' });
  if (method === 'GET') return answer(200, { items: await items() });
  if (Location === '' || Location.length > LONGEST_LOCATION) {
    return answer(400, { message: `Location must have 1 to ${LONGEST_LOCATION.toString()} characters` });
  }
  if (method === 'DELETE') {
    await dynamoDb.send(new DeleteItemCommand({ TableName: TABLE_NAME, Key: { Location: { S: Location } } }));
    return answer(200, {});
  }
  if (method !== 'PUT') return answer(405, { message: 'GET, PUT or DELETE' });
  const weather = weatherIn(call);
  if (typeof weather === 'string') return answer(400, { message: weather });
  const numbers = NUMBERS.map((name) => [name, { N: weather[name].toString() }] as const);
  const Item = { Location: { S: Location }, ...Object.fromEntries(numbers) };
  await dynamoDb.send(new PutItemCommand({ TableName: TABLE_NAME, Item }));
  return answer(200, {});
}

function answer(statusCode: number, content: object): Answer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
  return { statusCode, headers, body: JSON.stringify(content) };
}

/** The attributes in a call's body, or what is wrong with them. */
function weatherIn({ body = '', isBase64Encoded }: Call): Weather | string {
  const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  let weather: Partial<Record<string, unknown>>;
  try {
    weather = Object(JSON.parse(text)) as typeof weather;
  } catch {
    return 'The body must be JSON';
  }
  const invalid = NUMBERS.find((name) => !Number.isFinite(weather[name]));
  if (invalid) return `${invalid} must be a number`;
  const valid = weather as Weather;
  const secondsToLive = valid.TTL - Date.now() / 1000;
  if (secondsToLive <= 0 || secondsToLive > LONGEST_LIFE) return 'TTL must be a time within the next 24 hours';
  return valid;
}

async function items(): Promise<object[]> {
  const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName: TABLE_NAME, Limit: 100 }));
  return Items.map((item) => ({
    Location: item.Location?.S,
    ...Object.fromEntries(NUMBERS.map((name) => [name, Number(item[name]?.N)])),
  }));
}

async function newToken(): Promise<object> {
  const { SecretString: apiKey = '' } = await secrets.send(new GetSecretValueCommand({ SecretId: API_KEY_SECRET }));
  if (momento?.apiKey !== apiKey)
    momento = { apiKey, client: new AuthClient({ credentialProvider: credentialsOf(apiKey) }) };
  const permissions = [
    { role: CacheRole.ReadOnly, cache: CACHE },
    { role: TopicRole.SubscribeOnly, cache: CACHE, topic: TOPIC },
  ];
  const made = await momento.client.generateDisposableToken({ permissions }, ExpiresIn.minutes(TOKEN_MINUTES));
  if (made.type === GenerateDisposableTokenResponse.Error)
    throw new Error(`Momento gave no token: ${made.errorCode()}`);
  // The SDK wraps a token up with its endpoint. The HTTP API takes what is inside.
  const { api_key: token } = JSON.parse(Buffer.from(made.authToken, 'base64').toString()) as { api_key: string };
  return { token, expiresAt: made.expiresAt.epoch() };
}

function credentialsOf(apiKey: string): CredentialProvider {
  if (MOMENTO_LOCAL !== undefined) {
    const { hostname, port } = new URL(MOMENTO_LOCAL);
    return CredentialProvider.forMomentoLocal({ hostname, port: Number(port) });
  }
  return CredentialProvider.fromApiKeyV2({ apiKey, endpoint: MOMENTO_ENDPOINT.replace('https://api.cache.', '') });
}
