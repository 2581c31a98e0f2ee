import { CreateEventBusCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand } from '@aws-sdk/client-sqs';
import type { LocalAws } from '../../tools';

/** Makes a bus, with a queue that every event on it is carried to, and returns the queue's URL. */
export async function makeBusWithQueue(aws: LocalAws, name: string): Promise<string> {
  const { events, sqs } = aws.clients;
  const Resource = `arn:aws:sqs:${aws.region}:${aws.account}:${name}`;
  const allow = {
    Effect: 'Allow',
    Action: 'sqs:SendMessage',
    Principal: { Service: 'events.amazonaws.com' },
    Resource,
  };
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [allow] });
  const { QueueUrl: url = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));

  await events.send(new CreateEventBusCommand({ Name: name }));
  const EventPattern = JSON.stringify({ account: [aws.account] });
  await events.send(new PutRuleCommand({ EventBusName: name, Name: 'everything', EventPattern }));
  const Targets = [{ Id: 'queue', Arn: Resource }];
  await events.send(new PutTargetsCommand({ EventBusName: name, Rule: 'everything', Targets }));
  return url;
}
