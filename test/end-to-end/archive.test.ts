/** What docs/replay.md says of an archive of the bus, on the local AWS. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PutEventsCommand, StartReplayCommand } from '@aws-sdk/client-eventbridge';
import { DeployedWebhook } from './deployed-webhook';
import { synthesizeArchived } from './stacks';

describe('an archive of the bus', () => {
  let deployed: DeployedWebhook;
  before(async () => {
    deployed = await DeployedWebhook.deploy(synthesizeArchived());
    await deployed.putSecret('a signing secret of 16 bytes or more');
  });
  after(() => deployed.aws.stop());

  test('replays a message as it was, with a name, past a rule that excludes replays; and no command', async () => {
    const { aws, outputs, sender } = deployed;
    const busArn = outputs.get('BusArn');
    const started = Date.now();
    assert.equal((await sender.send(sender.body({ text: 'once' }))).status, 200);
    const command = { Source: 'orders', DetailType: 'cacheDelete', Detail: '{"cacheName":"chat","key":"a"}' };
    await aws.clients.events.send(new PutEventsCommand({ Entries: [{ ...command, EventBusName: busArn }] }));
    const [original] = await deployed.takeFromBus(1);
    assert.equal(original?.['replay-name'], undefined);
    assert.equal((await aws.receive(outputs.get('LiveUrl'))).length, 1);

    const replay = new StartReplayCommand({
      ReplayName: 'again',
      EventSourceArn: outputs.get('ArchiveArn'),
      EventStartTime: new Date(started - 60_000),
      EventEndTime: new Date(started + 60_000),
      Destination: { Arn: busArn },
    });
    await aws.clients.events.send(replay);
    const replayed = await deployed.takeFromBus(2, 1000);
    assert.deepEqual(
      replayed.map((event) => [event['replay-name'], event['detail-type'], event.detail]),
      [['again', original?.['detail-type'], original?.detail]],
    );
    assert.deepEqual(await aws.receive(outputs.get('LiveUrl'), 1, 200), []);
  });
});
