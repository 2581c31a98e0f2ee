/** Runs the example on a local AWS and a local Momento: by hand with `npm run example -- existing-bus`, and in its test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { App, type Stack } from 'aws-cdk-lib';
import { LocalAws, LocalMomento, type StackOutputs } from '../..';
import { LocalEndpoint, LOCAL_ARCHITECTURE } from '../local-endpoint';
import { runByHand } from '../run-by-hand';
import { type Existing, ExistingBusStack } from '../../../examples/existing-bus/existing-bus-stack';
import { ReceivingStack } from '../../../examples/existing-bus/receiving-stack';
import { existingIn, OrganisationStack } from './organisation-stack';

export const CACHE = 'chat';
export const SIGNING_SECRET = 'local-signing-secret';
const ENVIRONMENT = { account: '000000000000', region: 'us-east-1' };
/** Of the bus that messages are forwarded to. */
export const RECEIVER = { account: '222222222222', region: 'eu-west-1' };
export const RECEIVING_BUS = 'momento-messages';
const BETWEEN_LOOKS_MS = 200;

/** The deployed example, beside what the organisation has, and the receiving stack in another account and region. */
export class LocalExistingBus {
  /** @param print gets each event that arrives at the receiving bus, as JSON */
  public static async start(print: (event: string) => void = console.log): Promise<LocalExistingBus> {
    const momento = await LocalMomento.start({ caches: [CACHE] });
    const aws = await LocalAws.start({ enforceIam: true });
    try {
      const organisation = await aws.deploy(synthesize((app) => new OrganisationStack(app, 'Organisation')));
      const existing = existingIn(organisation, ENVIRONMENT.region);
      const put = (SecretId: string, SecretString: string) =>
        aws.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString }));
      await put(existing.signingSecretArn, SIGNING_SECRET);
      await put(existing.apiKeySecretArn, momento.apiKey);
      const receiver = aws.in(RECEIVER);
      const receivingProps = { eventBusName: RECEIVING_BUS, senderAccount: ENVIRONMENT.account, env: RECEIVER };
      const receiving = await receiver.deploy(
        synthesize((app) => new ReceivingStack(app, 'Receiving', receivingProps)),
      );
      const props = {
        existing,
        forwardTo: `arn:aws:events:${RECEIVER.region}:${RECEIVER.account}:event-bus/${RECEIVING_BUS}`,
        endpoint: new LocalEndpoint(momento.endpoint),
        architecture: LOCAL_ARCHITECTURE,
        env: ENVIRONMENT,
      };
      const outputs = await aws.deploy(synthesize((app) => new ExistingBusStack(app, 'ExistingBus', props)));
      const local = new LocalExistingBus(
        aws,
        receiver,
        momento,
        existing,
        outputs,
        organisation.get('deadLetterQueueUrl'),
      );
      local.printing = local.printArrivals(receiving.get('MessagesUrl'), print);
      await momento.addWebhook({ cache: CACHE, topicPrefix: 'in', url: local.url, signingSecret: SIGNING_SECRET });
      return local;
    } catch (error) {
      await momento.stop();
      await aws.stop();
      throw error;
    }
  }

  private isStopped = false;
  private printing?: Promise<void>;

  private constructor(
    public readonly aws: LocalAws,
    /** The same AWS, in the account and region of the receiving bus. */
    public readonly receiver: LocalAws,
    public readonly momento: LocalMomento,
    public readonly existing: Existing,
    private readonly outputs: StackOutputs,
    public readonly deadLetterQueueUrl: string,
  ) {}

  /** Where the webhook is posted to. */
  public get url(): string {
    return this.aws.functionUrl(this.outputs.get('FromMomentoUrl'));
  }

  /** What a replay names. */
  public get archiveArn(): string {
    return this.outputs.get('ArchiveArn');
  }

  /** The rule that forwards messages. */
  public get forwardRuleArn(): string {
    return this.outputs.get('ForwardRuleArn');
  }

  public async stop(): Promise<void> {
    this.isStopped = true;
    await this.printing;
    await this.momento.stop();
    await this.aws.stop();
  }

  private async printArrivals(queueUrl: string, print: (event: string) => void): Promise<void> {
    while (!this.isStopped) {
      // One look at the queue, instead of its default of one every 10 ms.
      for (const { Body = '' } of await this.receiver.receive(queueUrl, 10, 1)) {
        print(JSON.stringify(JSON.parse(Body), undefined, 2));
      }
      await delay(BETWEEN_LOOKS_MS);
    }
  }
}

function synthesize(addStack: (app: App) => Stack): string {
  const assembly = mkdtempSync(join(tmpdir(), 'existing-bus-'));
  process.once('exit', () => {
    rmSync(assembly, { recursive: true });
  });
  const app = new App({ outdir: assembly });
  addStack(app);
  return app.synth().directory;
}

/** What to type while it runs. */
export function instructions({ aws, momento, existing, archiveArn, forwardRuleArn }: LocalExistingBus): string {
  const detail = JSON.stringify(JSON.stringify({ cacheName: CACHE, key: 'user-17', message: 'hello', ttl: 60 }));
  const events = `curl -s --aws-sigv4 aws:amz:${aws.region}:events --user test:test -H 'content-type: application/x-amz-json-1.1' ${aws.endpoint}`;
  const destination = JSON.stringify({ Arn: existing.eventBusArn, FilterArns: [forwardRuleArn] });
  return `It runs until you press Ctrl-C. Publish a message, which the webhook puts on the organisation's bus. A rule forwards it to
the bus of account ${RECEIVER.account} in ${RECEIVER.region}, and the event that arrives there is printed here:

  curl -H 'authorization: ${momento.apiKey}' -H 'content-type: text/plain' -d hello ${momento.endpoint}/topics/${CACHE}/in

put a command on the organisation's bus, which sets an item of the cache:

  ${events} \\
    -H 'x-amz-target: AWSEvents.PutEvents' \\
    -d '{"Entries":[{"EventBusName":"${existing.eventBusArn}","Source":"orders","DetailType":"cacheSet","Detail":${detail}}]}'
  until curl -s -H 'authorization: ${momento.apiKey}' '${momento.endpoint}/cache/${CACHE}?key=user-17' | grep hello; do sleep 0.2; done

and replay the messages of the last hour to that rule only. They arrive again, with a replay-name:

  now=$(date +%s)
  ${events} \\
    -H 'x-amz-target: AWSEvents.StartReplay' \\
    -d '{"ReplayName":"again-'$now'","EventSourceArn":"${archiveArn}","EventStartTime":'$((now - 3600))',"EventEndTime":'$now',"Destination":${destination}}'
  until ${events} \\
    -H 'x-amz-target: AWSEvents.DescribeReplay' -d '{"ReplayName":"again-'$now'"}' | grep COMPLETED; do sleep 0.2; done`;
}

runByHand(module, LocalExistingBus, instructions);
