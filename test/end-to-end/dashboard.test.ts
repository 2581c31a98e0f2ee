/** The dashboard as it is deployed: its body is valid, and it names the metrics that the deployed handlers write. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DescribeQueryDefinitionsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeployedWebhook } from './deployed-webhook';
import { DASHBOARD, synthesizeMonitored } from './stacks';

type Row = readonly (string | Record<string, unknown>)[];

interface Body {
  readonly widgets: readonly { readonly type: string; readonly properties: { readonly metrics?: readonly Row[] } }[];
}

const SECRET = 'a signing secret of 16 bytes or more';

describe('the deployed dashboard', () => {
  let deployed: DeployedWebhook;
  before(async () => {
    deployed = await DeployedWebhook.deploy(synthesizeMonitored());
    await deployed.putSecret(SECRET);
  });
  after(() => deployed.aws.stop());

  /** A call of CloudWatch, whose client the tests do not need otherwise. */
  const cloudWatch = async (parameters: Record<string, string>): Promise<string> => {
    const answer = await fetch(deployed.aws.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        authorization: 'AWS4-HMAC-SHA256 Credential=test/20261126/us-east-1/monitoring/aws4_request',
      },
      body: new URLSearchParams({ Version: '2010-08-01', ...parameters }).toString(),
    });
    return answer.text();
  };

  const body = async (): Promise<Body> => {
    const answer = await cloudWatch({ Action: 'GetDashboard', DashboardName: DASHBOARD });
    const [, text = ''] = /<DashboardBody>(.*)<\/DashboardBody>/s.exec(answer) ?? assert.fail(answer);
    return JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&amp;', '&')) as Body;
  };

  test('shows each metric that a message, a replay and a rejection make the handler write', async () => {
    const { sender } = deployed;
    const message = sender.body();
    for (const request of [message, message, sender.body({ publish_timestamp: 0 })]) await sender.send(request);
    const shown = new Set(
      (await body()).widgets.flatMap(({ properties: { metrics = [] } }) =>
        metrics.map((row) => row.filter((cell) => typeof cell === 'string').join(' ')),
      ),
    );
    const written = (await deployed.logs())
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .flatMap((line) => {
        const { CloudWatchMetrics: [directive] = [] } = (line._aws ?? {}) as {
          CloudWatchMetrics?: { Namespace: string; Dimensions: string[][]; Metrics: { Name: string }[] }[];
        };
        return (directive?.Metrics ?? []).flatMap(({ Name }) => {
          // By the function alone, but what is rejected is shown by its reason.
          const dimensions = directive?.Dimensions.find((set) => Name !== 'Rejected' || set.includes('Reason')) ?? [];
          const named = dimensions.map((name) => `${name} ${String(line[name])}`);
          return [[directive?.Namespace, Name, ...named].join(' ')];
        });
      });
    assert.ok(new Set(written).size >= 5, written.join('\n'));
    for (const metric of written) assert.ok(shown.has(metric), `${metric}\n${[...shown].join('\n')}`);
  });

  test('has a body that CloudWatch would refuse if it had a widget too many or a metric without a name', async () => {
    const { widgets } = await body();
    const put = (DashboardBody: unknown) =>
      cloudWatch({ Action: 'PutDashboard', DashboardName: 'other', DashboardBody: JSON.stringify(DashboardBody) });
    assert.match(await put({ widgets }), /<PutDashboardResult>/);
    const [widget] = widgets;
    for (const invalid of [
      [],
      { widgets: Array.from({ length: 501 }, () => widget) },
      { widgets: [{ ...widget, type: 'metrics' }] },
      { widgets: [{ type: 'metric', properties: { metrics: [['AWS/Lambda']] } }] },
    ]) {
      assert.match(await put(invalid), /<Code>InvalidParameterInput<\/Code>/);
    }
  });

  test('has saved queries beside it, each of a log in which the handler writes', async () => {
    const { logs } = deployed.aws.clients;
    const queryDefinitionNamePrefix = 'Monitored/Momento/';
    const { queryDefinitions: saved = [] } = await logs.send(
      new DescribeQueryDefinitionsCommand({ queryDefinitionNamePrefix }),
    );
    assert.equal(saved.length, 5);
    const rejections = saved.find(({ name }) => name === `${queryDefinitionNamePrefix}latest rejections`);
    const [logGroupName = ''] = rejections?.logGroupNames ?? [];
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
    assert.ok(events.some(({ message = '' }) => message.includes('"message":"rejected"')));
  });
});
