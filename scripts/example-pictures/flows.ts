import type { Flow } from './picture';

/** What flows where in each example that has no page to take a picture of. */
export const FLOWS: Readonly<Record<string, Flow>> = {
  quickstart: {
    title: 'The messages of a Momento topic on an event bus, and in a queue',
    description:
      'A Rust function subscribes to the topic room-281 over gRPC and puts each message on the event bus. A rule sends it to an SQS queue.',
    boxes: {
      topic: { at: [0, 0], kind: 'momento', text: 'Momento topic', notes: ['room-281'] },
      subscription: { at: [1, 0], kind: 'rust', text: 'Rust subscribe', notes: ['or a webhook'] },
      bus: { at: [2, 0], kind: 'bus', text: 'event bus', notes: ['chat#room-281'] },
      queue: { at: [3, 0], text: 'SQS queue', notes: ['Messages'] },
    },
    arrows: [
      { from: 'topic', to: 'subscription', label: 'gRPC' },
      { from: 'subscription', to: 'bus', label: 'event' },
      { from: 'bus', to: 'queue', label: 'rule' },
    ],
  },
  'existing-bus': {
    title: 'Both directions on an existing event bus, with an archive, and a bus elsewhere that gets the messages too',
    description:
      'A webhook of Momento posts messages to a Rust function in the existing network, which puts them on the existing event bus. A rule ' +
      'forwards them to the bus of another account or region, where a rule sends them to a queue. An archive keeps them and replays them. ' +
      'Commands of your applications on the bus become calls to Momento by API destinations.',
    boxes: {
      topic: { at: [0, 0], kind: 'momento', text: 'Momento topics' },
      webhook: { at: [1, 0], kind: 'rust', text: 'Rust webhook', notes: ['in your network'] },
      bus: { at: [2, 0], rows: 3, kind: 'bus', text: 'event bus', notes: ['of your organisation,', 'with your key'] },
      other: { at: [3, 0], kind: 'bus', text: 'event bus', notes: ['of another account', 'or region'] },
      queue: { at: [4, 0], text: 'SQS queue', notes: ['Messages'] },
      archive: { at: [3, 1], text: 'archive', notes: ['30 days, your key'] },
      applications: { at: [3, 2], kind: 'yours', text: 'your applications', notes: ['cacheSet, …'] },
      destinations: { at: [1, 2], text: 'API destinations' },
      cache: { at: [0, 2], kind: 'momento', text: 'Momento caches', notes: ['and topics'] },
    },
    arrows: [
      { from: 'topic', to: 'webhook', label: 'webhook' },
      { from: 'webhook', to: 'bus', label: 'event' },
      { from: 'bus', to: 'other', label: 'Forward' },
      { from: 'other', to: 'queue', label: 'rule' },
      { from: 'bus', to: 'archive', label: 'replay', both: true },
      { from: 'applications', to: 'bus', label: 'command' },
      { from: 'bus', to: 'destinations', label: 'rules' },
      { from: 'destinations', to: 'cache', label: 'HTTP API' },
    ],
  },
  'topic-processing': {
    title: 'The messages of a topic, processed in four ways',
    description:
      'Each message of topic1 is put on the event bus, by subscription or by webhook. A Rust function puts a command on the bus for each ' +
      'result. Three state machines save the message in a table, count it in another table, and start a workflow, which puts a command on ' +
      'the bus after a while. The commands are published to topic2, topic3 and topic4.',
    boxes: {
      topic1: { at: [0, 0], kind: 'momento', text: 'topic1' },
      source: { at: [1, 0], kind: 'rust', text: 'Rust subscribe', notes: ['or webhook'] },
      bus: { at: [2, 0], rows: 4, kind: 'bus', text: 'event bus' },
      processor: { at: [3, 0], kind: 'rust', text: 'Processor', notes: ['upper case, words'] },
      saved: { at: [3, 1], text: 'Saved', notes: ['state machine'] },
      counts: { at: [3, 2], text: 'Counts', notes: ['state machine'] },
      followUp: { at: [3, 3], text: 'FollowUp', notes: ['state machine'] },
      savedTable: { at: [4, 1], text: 'DynamoDB table', notes: ['each message'] },
      countsTable: { at: [4, 2], text: 'DynamoDB table', notes: ['messages by topic'] },
      deliver: { at: [1, 3], kind: 'rust', text: 'Rust deliver', notes: ['from a queue'] },
      outbound: { at: [0, 3], kind: 'momento', text: 'topic2 to topic4' },
    },
    arrows: [
      { from: 'topic1', to: 'source', label: 'gRPC' },
      { from: 'source', to: 'bus', label: 'event' },
      { from: 'bus', to: 'processor', label: 'command', both: true },
      { from: 'bus', to: 'saved' },
      { from: 'bus', to: 'counts' },
      { from: 'bus', to: 'followUp', label: 'command', both: true },
      { from: 'saved', to: 'savedTable', label: 'put' },
      { from: 'counts', to: 'countsTable', label: 'add' },
      { from: 'bus', to: 'deliver', label: 'rule' },
      { from: 'deliver', to: 'outbound', label: 'HTTP API' },
    ],
  },
  'webhook-in-rust': {
    title: 'A webhook that saves each message before it answers',
    description:
      'A webhook of Momento posts each message to a function URL or an HTTP API. The Rust function behind it checks the signature with the ' +
      'signing secret of Secrets Manager, saves the message in a DynamoDB table, and answers.',
    boxes: {
      topic: { at: [0, 0], kind: 'momento', text: 'Momento topic' },
      entrance: { at: [1, 0], text: 'function URL', notes: ['or HTTP API'] },
      webhook: { at: [2, 0], kind: 'rust', text: 'Webhook', notes: ['authenticate, process'] },
      table: { at: [3, 0], text: 'DynamoDB table', notes: ['Messages'] },
      secret: { at: [2, 1], text: 'Secrets Manager', notes: ['signing secret'] },
    },
    arrows: [
      { from: 'topic', to: 'entrance', label: 'webhook', both: true },
      { from: 'entrance', to: 'webhook', label: 'request', both: true },
      { from: 'webhook', to: 'table', label: 'put' },
      { from: 'secret', to: 'webhook' },
    ],
  },
  'momento-clients': {
    title: 'Five clients of Momento',
    description:
      'create-cache.ts and create-webhook.ts set up a cache and a webhook, whose signing secret goes to Secrets Manager. publish.ts ' +
      'publishes to a topic. subscribe.ts prints its messages. relay.ts signs them and posts them to the URL of MomentoWebhookToEventBridge.',
    boxes: {
      createCache: { at: [0, 0], kind: 'yours', text: 'create-cache.ts' },
      publish: { at: [0, 1], kind: 'yours', text: 'publish.ts' },
      createWebhook: { at: [0, 2], kind: 'yours', text: 'create-webhook.ts' },
      momento: { at: [1, 0], rows: 3, kind: 'momento', text: 'Momento' },
      subscribe: { at: [2, 0], kind: 'yours', text: 'subscribe.ts', notes: ['prints'] },
      relay: { at: [2, 1], kind: 'yours', text: 'relay.ts', notes: ['signs'] },
      handler: { at: [3, 1], kind: 'rust', text: 'Rust webhook', notes: ['of your stack'] },
      secret: { at: [0, 3], text: 'Secrets Manager', notes: ['signing secret'] },
    },
    arrows: [
      { from: 'createCache', to: 'momento', label: 'cache' },
      { from: 'publish', to: 'momento', label: 'message' },
      { from: 'createWebhook', to: 'momento', label: 'webhook' },
      { from: 'createWebhook', to: 'secret' },
      { from: 'momento', to: 'subscribe', label: 'gRPC' },
      { from: 'momento', to: 'relay', label: 'gRPC' },
      { from: 'relay', to: 'handler', label: 'POST' },
    ],
  },
};
