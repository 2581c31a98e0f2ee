// Serves the page in this folder, from a Lambda function behind a function URL. The page may load its own files, and connect to itself
// and to what CONNECT_TO names, and nothing else: neither inline scripts and styles nor anything of other origins.
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/**
 * @param {{ CONFIG?: string, CONNECT_TO?: string }} environment what the page reads as config.json, as JSON, and the URLs that it may
 *   connect to, separated by spaces
 */
export const server = ({ CONFIG = '{}', CONNECT_TO = '' }) => {
  const headers = {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      'img-src data:',
      `connect-src 'self' ${CONNECT_TO}`.trim(),
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cache-control': 'no-cache',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  };
  const answer = (statusCode, type, body) => ({ statusCode, headers: { ...headers, 'content-type': type }, body });

  return async ({ rawPath }) => {
    const name = rawPath === '/' ? 'index.html' : rawPath.slice(1);
    if (name === 'config.json') return answer(200, 'application/json', CONFIG);
    // A plain name cannot lead out of the folder.
    const type = /^[a-z-]+\.[a-z]+$/.test(name) ? TYPES[extname(name)] : undefined;
    const content = type && (await readFile(join(import.meta.dirname, name), 'utf8').catch(() => undefined));
    return content === undefined ? answer(404, 'text/plain', 'Not found') : answer(200, type, content);
  };
};

export const handler = server(process.env);
