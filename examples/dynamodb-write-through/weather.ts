// Writes, updates, deletes and reads the weather of a place: writes go to the table, and reads to the cache.
//
//   npx tsx weather.ts write LOCATION MAX_TEMP MIN_TEMP CHANCES_OF_PRECIPITATION SECONDS_TO_LIVE
//   npx tsx weather.ts update LOCATION ATTRIBUTE NUMBER
//   npx tsx weather.ts delete LOCATION
//   npx tsx weather.ts read LOCATION
//
// TABLE is the output TableName, MOMENTO_ENDPOINT the URL of Momento's HTTP API, and MOMENTO_API_KEY a key that may read the cache.
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';

const CACHE = 'momento-eventbridge-cache';
const { TABLE, MOMENTO_ENDPOINT = '', MOMENTO_API_KEY = '' } = process.env;

const dynamoDb = new DynamoDBClient();

async function write(location: string, max: string, min: string, rain: string, secondsToLive: string): Promise<void> {
  const expiry = Math.floor(Date.now() / 1000) + Number(secondsToLive);
  const Item = {
    Location: { S: location },
    MaxTemp: { N: max },
    MinTemp: { N: min },
    ChancesOfPrecipitation: { N: rain },
    TTL: { N: expiry.toString() },
  };
  await dynamoDb.send(new PutItemCommand({ TableName: TABLE, Item }));
}

async function update(location: string, attribute: string, value: string): Promise<void> {
  const command = new UpdateItemCommand({
    TableName: TABLE,
    Key: { Location: { S: location } },
    UpdateExpression: 'SET #attribute = :value',
    // Otherwise an item that has expired meanwhile would come back with this attribute alone, and never expire.
    ConditionExpression: 'attribute_exists(#key)',
    ExpressionAttributeNames: { '#attribute': attribute, '#key': 'Location' },
    ExpressionAttributeValues: { ':value': { N: value } },
  });
  await dynamoDb.send(command);
}

async function remove(location: string): Promise<void> {
  await dynamoDb.send(new DeleteItemCommand({ TableName: TABLE, Key: { Location: { S: location } } }));
}

async function read(location: string): Promise<void> {
  const url = `${MOMENTO_ENDPOINT}/cache/${CACHE}?key=${encodeURIComponent(location)}`;
  const response = await fetch(url, { headers: { authorization: MOMENTO_API_KEY } });
  if (!response.ok && response.status !== 404) throw new Error(`Momento answered ${response.status.toString()}`);
  console.log(response.ok ? await response.text() : `${location} is not in the cache`);
}

const COMMANDS: Readonly<Record<string, (...parameters: string[]) => Promise<void>>> = {
  write,
  update,
  delete: remove,
  read,
};

const [name = '', ...parameters] = process.argv.slice(2);
const command = COMMANDS[name];
if (command?.length === parameters.length) {
  command(...parameters).catch((error: unknown) => {
    console.error(String(error));
    process.exitCode = 1;
  });
} else {
  console.error('usage: weather.ts write | update | delete | read LOCATION …');
  process.exitCode = 2;
}
