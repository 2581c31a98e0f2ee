import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listening } from './listening';

/** A Maven repository on this machine, to which one publishes as to Maven Central. */
export interface MavenRepository {
  /** Where publib publishes: the staging API of Nexus 2, which Maven Central has for it. */
  readonly endpoint: string;
  /** Where users read. */
  readonly url: string;
  /** Everything that is published, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  stop(): Promise<void>;
}

const STAGING = '/service/local/staging';
const REPOSITORY = 'rehearsal-1000';
const PUBLIC = '/maven2';

/** What Nexus is asked on the way, and what it answers. */
const ANSWERS: readonly {
  readonly method: string;
  readonly path: RegExp;
  readonly status: number;
  readonly xml: string;
}[] = [
  {
    method: 'GET',
    path: /^\/service\/local\/status$/,
    status: 200,
    xml: '<status><data><appName>Nexus</appName><version>2.15.1-02</version><apiVersion>2.15.1-02</apiVersion><editionLong>Professional</editionLong><editionShort>PRO</editionShort><state>STARTED</state></data></status>',
  },
  {
    method: 'POST',
    path: /^\/service\/local\/staging\/profiles\/[^/]+\/start$/,
    status: 201,
    xml: `<promoteResponse><data><stagedRepositoryId>${REPOSITORY}</stagedRepositoryId><description>Release</description></data></promoteResponse>`,
  },
  {
    method: 'GET',
    path: /^\/service\/local\/staging\/profiles\/[^/]+$/,
    status: 200,
    xml: `<profileResponse><data><id>publib</id><name>rehearsal</name><repositoryType>maven2</repositoryType><mode>BOTH</mode></data></profileResponse>`,
  },
  { method: 'POST', path: /^\/service\/local\/staging\/(profiles\/[^/]+\/finish|bulk\/close)$/, status: 201, xml: '' },
  {
    method: 'GET',
    path: /^\/service\/local\/staging\/repository\/[^/]+$/,
    status: 200,
    xml: `<stagingProfileRepository><profileId>publib</profileId><profileName>rehearsal</profileName><profileType>repository</profileType><repositoryId>${REPOSITORY}</repositoryId><type>closed</type><policy>release</policy><transitioning>false</transitioning></stagingProfileRepository>`,
  },
];

/** Starts one. What is staged is published when it is promoted, as publib asks for. */
export async function startMavenRepository(): Promise<MavenRepository> {
  const staged = new Map<string, Buffer>();
  const files = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    answer(request, response, staged, files).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  const host = await listening(server);
  return {
    endpoint: `http://${host}/`,
    url: `http://${host}${PUBLIC}`,
    files,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  staged: Map<string, Buffer>,
  files: Map<string, Buffer>,
): Promise<void> {
  const { method = '', url = '' } = request;
  const { pathname } = new URL(url, 'http://127.0.0.1');
  const body = await bodyOf(request);
  if (pathname.startsWith(`${PUBLIC}/`)) {
    const file = files.get(pathname.slice(PUBLIC.length));
    response.writeHead(file ? 200 : 404).end(file);
    return;
  }
  const deployed = new RegExp(`^${STAGING}/deployByRepositoryId/${REPOSITORY}(/.+)$`).exec(pathname)?.[1];
  if (deployed !== undefined) {
    if (method === 'PUT') staged.set(deployed, body);
    const file = staged.get(deployed);
    response.writeHead(method === 'PUT' ? 201 : file ? 200 : 404).end(method === 'GET' ? file : undefined);
    return;
  }
  if (method === 'POST' && pathname === `${STAGING}/bulk/promote`) {
    for (const [path, file] of staged) files.set(path, file);
    staged.clear();
    response.writeHead(201).end('{}');
    return;
  }
  const known = ANSWERS.find((each) => each.method === method && each.path.test(pathname));
  if (!known) throw new Error(`the repository of the rehearsal does not know ${method} ${pathname}`);
  response.writeHead(known.status, { 'content-type': 'application/xml' }).end(known.xml);
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
