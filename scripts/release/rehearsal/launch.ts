import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateEventBusCommand } from '@aws-sdk/client-eventbridge';
import { HeadObjectCommand } from '@aws-sdk/client-s3';
import { TEMPLATES, type TemplateName } from '../../../templates/release';
import { LaunchedStack } from '../../../test/end-to-end/launched-stack';
import type { LocalAws } from '../../../tools';
import { WebhookSender } from '../../../tools/common/webhook-sender';

const SIGNING_SECRET = 'secret of the webhook';

/** What a person types for each template, besides the bus. */
const TYPED: Readonly<Record<TemplateName, Readonly<Record<string, string>>>> = {
  'momento-topic': { MomentoApiKey: 'key', Topics: 'chat#room-281' },
  'momento-webhook': { MomentoSigningSecret: SIGNING_SECRET },
  'eventbridge-to-momento': { MomentoApiKey: 'key' },
  'eventbridge-to-momento-by-lambda': { MomentoApiKey: 'key' },
};

/** Follows the buttons of a document: every template is where they lead, and each is launched from there in this region. */
export async function launchFrom(document: string, checkout: string, aws: LocalAws): Promise<string> {
  const links = [
    ...readFileSync(join(checkout, document), 'utf8').matchAll(/https:\/\/\S+console\.aws\.amazon\.com[^)\s]+/g),
  ];
  const urls = links.map(([link]) =>
    new URLSearchParams(link.slice(link.indexOf('?', link.indexOf('#')))).get('templateURL'),
  );
  if (urls.length < TEMPLATES.length) throw new Error(`${document} has only ${urls.length.toString()} buttons`);
  const launched: string[] = [];
  for (const text of urls) {
    const url = new URL(text ?? '');
    const [bucket = '', service, region = ''] = url.hostname.split('.');
    if (service !== 's3') throw new Error(`${url.href} is not in a bucket`);
    const { s3 } = aws.in({ account: aws.account, region }).clients;
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: url.pathname.slice(1) }));
    // The local AWS finds a bucket in the path only, which AWS takes as well.
    if (region === aws.region) launched.push(await launch(`https://s3.amazonaws.com/${bucket}${url.pathname}`, aws));
  }
  return `${urls.length.toString()} buttons lead to templates; launched: ${launched.join(', ')}`;
}

async function launch(templateUrl: string, aws: LocalAws): Promise<string> {
  const [edition = '', file = ''] = templateUrl.split('/').slice(-2);
  const template = file.replace('.yaml', '') as TemplateName;
  const name = `${template}-${edition.replaceAll('.', '-')}`;
  await aws.clients.events.send(new CreateEventBusCommand({ Name: name }));
  const stack = await LaunchedStack.launch(aws.clients.cloudFormation, name, templateUrl, {
    ...TYPED[template],
    EventBusName: name,
    ...(template !== 'eventbridge-to-momento' && { Architecture: process.arch === 'arm64' ? 'arm64' : 'x86_64' }),
  });
  const { Url: url } = await stack.outputs();
  if (url === undefined) return `${edition}/${file}`;
  const answer = await new WebhookSender(aws.functionUrl(url), SIGNING_SECRET).send();
  if (answer.status !== 200) throw new Error(`${name} answers a webhook ${answer.status.toString()}`);
  return `${edition}/${file} (a webhook is answered 200)`;
}
