// Writes schemas/openapi/ from schemas/: each event's JSON Schema (2020-12) as the OpenAPI 3.0 document that the schema registry of
// EventBridge makes code bindings from. The registry takes OpenAPI 3.0 and JSON Schema draft 4 only.
//
// usage: npm run schemas      (commit what it writes; a test fails if it is not up to date)
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SCHEMAS = join(__dirname, '../schemas');
export const OPENAPI = join(SCHEMAS, 'openapi');

type Schema = Readonly<Record<string, unknown>>;

interface EventSchema {
  readonly description: string;
  readonly properties: Readonly<Record<'source' | 'detail-type' | 'detail', Schema>>;
}

/** Keywords that mean the same in both. */
const SHARED = new Set(['description', 'enum', 'maxLength', 'minLength', 'minimum', 'pattern', 'required']);

/**
 * A schema of JSON Schema 2020-12 as one of OpenAPI 3.0 that accepts the same values.
 *
 * @throws if it has a keyword that this does not know: dropped, it would make the schema accept more
 */
export function toOpenApi(schema: Schema): Schema {
  return Object.entries(schema).reduce((converted, [keyword, value]) => {
    return { ...converted, ...convert(keyword, value, converted) };
  }, {});
}

function convert(keyword: string, value: unknown, { allOf = [] }: { allOf?: readonly Schema[] }): Schema {
  switch (keyword) {
    case 'type': {
      const [type, other, ...more] = [value].flat() as string[];
      if (more.length > 0 || (other !== undefined && other !== 'null')) {
        throw new Error(`the type ${JSON.stringify(value)} is not supported`);
      }
      // As in the schemas that AWS infers: without it, a binding may hold a time in milliseconds in 32 bits.
      return { type, ...(type === 'integer' && { format: 'int64' }), ...(other && { nullable: true }) };
    }
    case 'const':
      return { enum: [value] };
    case 'properties':
      return {
        properties: Object.fromEntries(
          Object.entries(value as Schema).map(([name, one]) => [name, toOpenApi(one as Schema)]),
        ),
      };
    case 'allOf':
      return { allOf: [...allOf, ...(value as Schema[]).map(toOpenApi)] };
    case 'oneOf':
      return { oneOf: (value as Schema[]).map(toOpenApi) };
    case 'dependentRequired':
      return {
        allOf: [
          ...allOf,
          ...Object.entries(value as Record<string, string[]>).map(([name, required]) => ({
            anyOf: [{ not: { required: [name] } }, { required }],
          })),
        ],
      };
    default:
      if (!SHARED.has(keyword)) throw new Error(`the keyword ${keyword} is not supported`);
      return { [keyword]: value };
  }
}

/**
 * An event as AWS describes its own and those that it infers: `AWSEvent` is the whole of it, and refers to its detail. From the two
 * `x-amazon-events-` members tools know which events these are. They are left out where that is not one constant: the source of a
 * command is its sender's, and the detail-type of a message has the names of cache and topic.
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-schemas-infer-from-json.html)
 */
function documentOf(name: string, { description, properties }: EventSchema): Schema {
  const { source, 'detail-type': detailType, detail } = properties;
  const text = { type: 'string' };
  return {
    openapi: '3.0.0',
    info: { version: '1.0.0', title: name, description },
    paths: {},
    components: {
      schemas: {
        AWSEvent: {
          type: 'object',
          required: ['detail-type', 'resources', 'detail', 'id', 'source', 'time', 'region', 'version', 'account'],
          ...(source.const !== undefined && { 'x-amazon-events-source': source.const }),
          ...(detailType.const !== undefined && { 'x-amazon-events-detail-type': detailType.const }),
          properties: {
            detail: { $ref: `#/components/schemas/${name}` },
            account: text,
            'detail-type': toOpenApi(detailType),
            id: text,
            region: text,
            resources: { type: 'array', items: text },
            source: toOpenApi(source),
            time: { type: 'string', format: 'date-time' },
            version: text,
          },
        },
        [name]: toOpenApi(detail),
      },
    },
  };
}

/** The text of each document by the name of its file. What is parked in a queue is not an event, and has none. */
export function documents(): Map<string, string> {
  const files = readdirSync(SCHEMAS).filter((file) => file.endsWith('.schema.json') && !file.startsWith('parked-'));
  return new Map(
    files.map((file) => {
      const stem = file.replace('.schema.json', '');
      const name = stem.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
      const schema = JSON.parse(readFileSync(join(SCHEMAS, file), 'utf8')) as EventSchema;
      return [`${stem}.openapi.json`, `${JSON.stringify(documentOf(name, schema), null, 2)}\n`];
    }),
  );
}

function main(): void {
  rmSync(OPENAPI, { recursive: true, force: true });
  mkdirSync(OPENAPI);
  for (const [file, text] of documents()) writeFileSync(join(OPENAPI, file), text);
}

if (require.main === module) main();
