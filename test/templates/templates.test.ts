import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { CfnOutput, CfnParameter } from 'aws-cdk-lib';
import { parse } from 'yaml';
import { OneClickStack } from '../../templates/one-click-stack';
import { MAX_TOPICS, SCHEDULER_KEYWORD } from '../../constructs/from-momento/topic-limits';
import { newestEntry } from '../../scripts/release/versions';
import { ownBucket, RELEASE_BUCKETS } from '../../templates/host';
import { launchLink, launchTable } from '../../templates/launch-links';
import { TEMPLATES, VERSION } from '../../templates/release';
import { templateYaml } from '../../templates/yaml';
import { GeneratedTemplates } from './generated';

/** The most that CloudFormation takes as the body of a request. */
const MAX_TEMPLATE_BODY_BYTES = 51_200;

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly Condition?: string;
  readonly DependsOn?: string | string[];
}

interface Parameter {
  readonly AllowedPattern?: string;
  readonly AllowedValues?: string[];
  readonly ConstraintDescription?: string;
  readonly Description: string;
  readonly NoEcho?: boolean;
}

interface Template {
  readonly Metadata: {
    readonly 'AWS::CloudFormation::Interface': {
      readonly ParameterGroups: { readonly Parameters: string[] }[];
      readonly ParameterLabels: object;
    };
  };
  readonly Parameters: Record<string, Parameter>;
  readonly Conditions?: Record<string, unknown>;
  readonly Resources: Record<string, Resource>;
  readonly Outputs: object;
  readonly Rules: object;
}

const { regions: REGIONS } = RELEASE_BUCKETS;
const templates = new GeneratedTemplates();
/** With `!Ref X` and the like as plain values. */
const read = (name: (typeof TEMPLATES)[number]) => parse(templates.yaml(name), { logLevel: 'silent' }) as Template;

for (const name of TEMPLATES) {
  describe(`${name}.yaml`, () => {
    const yaml = templates.yaml(name);
    const template = read(name);

    test('can be sent to CloudFormation as it is', () => {
      assert.ok(Buffer.byteLength(yaml) < MAX_TEMPLATE_BODY_BYTES, `${Buffer.byteLength(yaml).toString()} bytes`);
    });

    test('needs no bootstrapped account, and has no trace of one', () => {
      assert.doesNotMatch(yaml, /bootstrap(?!$)|hnb659fds|AssetParameters|aws:cdk|AWS::CDK/im);
    });

    test('has ids without digits that mean nothing', () => {
      for (const id of Object.keys(template.Resources)) assert.match(id, /^[A-Z]([A-Za-z]|64)+$/);
    });

    test('says no word twice in a row in an id', () => {
      for (const id of Object.keys(template.Resources)) assert.doesNotMatch(id, /([A-Z][a-z]+)\1/);
    });

    test('labels and groups each of its parameters for the console, and describes it', () => {
      const { ParameterGroups: groups, ParameterLabels: labels } = template.Metadata['AWS::CloudFormation::Interface'];
      const parameters = Object.keys(template.Parameters);
      assert.deepEqual(Object.keys(labels), parameters);
      assert.deepEqual(
        groups.flatMap(({ Parameters }) => Parameters),
        parameters,
      );
      for (const { Description } of Object.values(template.Parameters)) assert.ok(Description);
    });

    test('has its secret parameter hidden, and nowhere but where it is needed', () => {
      const hidden = Object.entries(template.Parameters).filter(([, { NoEcho }]) => NoEcho);
      assert.equal(hidden.length, 1);
      const secret = hidden[0]?.[0] ?? '';
      const users = Object.entries(template.Resources).filter(([, resource]) =>
        JSON.stringify(resource).includes(secret),
      );
      assert.equal(users.length, 1, users.map(([id]) => id).join());
      assert.ok(!JSON.stringify(template.Outputs).includes(secret));
    });

    test('cannot be launched in other regions than those of its links', () => {
      // One for the code, and one for Momento's cells.
      const rules = Object.values(template.Rules) as { Assertions: { Assert: Record<string, unknown> }[] }[];
      assert.ok(rules.length > 0);
      for (const { Assertions } of rules) {
        assert.deepEqual(
          Assertions.map(({ Assert }) => Assert),
          [{ 'Fn::Contains': [[...REGIONS], 'AWS::Region'] }],
        );
      }
    });
  });
}

test('the outputs name the same things with the same words', () => {
  const outputs = (name: (typeof TEMPLATES)[number]) => Object.keys(read(name).Outputs).sort();
  assert.deepEqual(outputs('momento-topic'), [
    'ApiKeyArn',
    'DeadLetterQueueUrl',
    'EventBus',
    'FallbackQueueUrl',
    'LogGroup',
    'RedriveLogGroup',
  ]);
  assert.deepEqual(outputs('momento-webhook'), [
    'DeadLetterQueueUrl',
    'EventBus',
    'FallbackQueueUrl',
    'LogGroup',
    'RedriveLogGroup',
    'SigningSecretArn',
    'Url',
  ]);
  assert.deepEqual(outputs('eventbridge-to-momento'), ['DeadLetterQueueUrl', 'EventBus']);
  assert.deepEqual(outputs('eventbridge-to-momento-by-lambda'), [
    'ApiKeyArn',
    'CommandQueueUrl',
    'DeadLetterQueueUrl',
    'EventBus',
    'LogGroup',
  ]);
});

test('every queue outlives its stack, and keeps what it holds', () => {
  for (const name of TEMPLATES) {
    const queues = Object.values(read(name).Resources).filter(({ Type }) => Type === 'AWS::SQS::Queue');
    assert.ok(queues.length > 0);
    for (const { DeletionPolicy, UpdateReplacePolicy } of queues) {
      assert.deepEqual([DeletionPolicy, UpdateReplacePolicy], ['RetainExceptOnCreate', 'Retain']);
    }
  }
});

/** Whether CloudFormation takes a value, which the whole of a pattern must match. */
function takes(name: (typeof TEMPLATES)[number], parameter: string, value: string): boolean {
  const { AllowedPattern } = read(name).Parameters[parameter] ?? assert.fail(`${name} has no ${parameter}`);
  return new RegExp(`^(?:${AllowedPattern ?? assert.fail('it takes everything')})$`).test(value);
}

describe('what a person types into a parameter is refused with a sentence if it cannot work:', () => {
  test('each parameter has either a list of values or a pattern, and the pattern a sentence that says what to type', () => {
    for (const name of TEMPLATES) {
      for (const [id, parameter] of Object.entries(read(name).Parameters)) {
        if (parameter.AllowedValues) continue;
        assert.ok(parameter.AllowedPattern, `${name}: ${id}`);
        assert.match(parameter.ConstraintDescription ?? '', /^must be /, `${name}: ${id}`);
      }
    }
  });

  test('a bus by its ARN, in any region, partition or account', () => {
    for (const name of TEMPLATES) {
      for (const bus of ['default', 'orders', 'aws.partner/example.com/acme/1', 'x'.repeat(256)]) {
        assert.ok(takes(name, 'EventBusName', bus), bus);
      }
      for (const wrong of [
        'arn:aws:events:us-east-1:111111111111:event-bus/orders',
        'arn:aws-cn:events:cn-north-1:111111111111:event-bus/orders',
        'arn:aws-us-gov:events:us-gov-west-1:222222222222:event-bus/orders',
        '',
        ' ',
        'orders ',
        'two words',
        'orders\n',
        '{{resolve:ssm:bus}}',
        'x'.repeat(257),
      ]) {
        assert.ok(!takes(name, 'EventBusName', wrong), JSON.stringify(wrong));
      }
    }
  });

  test('what is not one e-mail address', () => {
    for (const name of TEMPLATES) {
      for (const address of ['', 'alarms@example.com', "o'neil+momento@mail.example.co.uk", 'ä@exämple.com']) {
        assert.ok(takes(name, 'AlarmEmail', address), address);
      }
      for (const wrong of [
        ' ',
        'alarms',
        'alarms@',
        '@example.com',
        'alarms@example',
        'alarms@example.com ',
        'alarms@example.com\n',
        'one@example.com,two@example.com',
        'one@example.com;two@example.com',
        'Alarms <alarms@example.com>',
        'two@at@example.com',
        'https://example.com/alarms',
        `${'x'.repeat(65)}@example.com`,
      ]) {
        assert.ok(!takes(name, 'AlarmEmail', wrong), JSON.stringify(wrong));
      }
    }
  });

  test('an API key that is blank, cannot be in a header, is JSON, or is the ARN of a secret', () => {
    for (const name of TEMPLATES) {
      if (name === 'momento-webhook') continue;
      // As Momento writes them: base64, and three parts of base64url.
      for (const key of ['eyJlbmRwb2ludCI6Im1vbWVudG8ifQ==', 'eyJh.eyJ-_2.Zm9v', 'x']) {
        assert.ok(takes(name, 'MomentoApiKey', key), key);
      }
      for (const wrong of [
        '',
        ' ',
        ' key',
        'key ',
        'key\n',
        'ke\u0000y',
        'schlüssel',
        '{"apiKey":"key"}',
        '{{resolve:secretsmanager:momento:SecretString:key}}',
        'key}}',
        'arn:aws:secretsmanager:us-east-1:111111111111:secret:momento-AbCdEf',
        'arn:aws:secretsmanager:us-east-1:111111111111:secret:momento',
      ]) {
        assert.ok(!takes(name, 'MomentoApiKey', wrong), JSON.stringify(wrong));
      }
    }
  });

  test('an API key of more characters than a connection takes, or CloudFormation', () => {
    const longest = (name: (typeof TEMPLATES)[number], length: number) => {
      assert.ok(takes(name, 'MomentoApiKey', 'k'.repeat(length)));
      assert.ok(!takes(name, 'MomentoApiKey', 'k'.repeat(length + 1)));
    };
    longest('eventbridge-to-momento', 512);
    longest('eventbridge-to-momento-by-lambda', 4096);
    longest('momento-topic', 4096);
  });

  test('a signing secret that the handler would not use', () => {
    const secret = 'a secret of 16 b';
    for (const taken of ['', secret, `{"chat":"${secret}"}`, '{\n  "secret": "0123456789abcdef"\n}']) {
      assert.ok(takes('momento-webhook', 'MomentoSigningSecret', taken), taken);
    }
    for (const wrong of [
      secret.slice(1),
      ' '.repeat(16),
      ` ${secret}`,
      `${secret}\n`,
      `\ufeff${secret}`,
      `${secret}\u0000`,
      'arn:aws:secretsmanager:us-east-1:111111111111:secret:momento-AbCdEf',
    ]) {
      assert.ok(!takes('momento-webhook', 'MomentoSigningSecret', wrong), JSON.stringify(wrong));
    }
  });

  test('topics that the handler would refuse, or that would break the input of the schedule', () => {
    const topics = (count: number) => Array.from({ length: count }, (_, i) => `c#${i.toString()}`).join();
    for (const taken of ['chat#room-281', 'chat#room 281/é', 'a#b,a#c,b#b', 'a#b,a#bb,aa#b', topics(MAX_TOPICS)]) {
      assert.ok(takes('momento-topic', 'Topics', taken), taken);
    }
    for (const wrong of [
      '',
      ' ',
      'chat',
      '#room',
      'chat#',
      ' #room',
      'chat# ',
      'a#b#c',
      'a"#b',
      'a#b"',
      'a#b\\',
      'a#b\n',
      'a#b\tc',
      'a#b,',
      ',a#b',
      'a#b,,c#d',
      'a#b, c#d',
      'a#b ,c#d',
      'a#b,a#b',
      'a#b,c#d,a#b',
      'c#d,a#b,a#b,e#f',
      `a#${SCHEDULER_KEYWORD}execution-id>`,
      topics(MAX_TOPICS + 1),
    ]) {
      assert.ok(!takes('momento-topic', 'Topics', wrong), JSON.stringify(wrong));
    }
  });

  test('without a pattern that takes long to match', () => {
    const topics = Array.from({ length: 500 }, (_, i) => `cache#${i.toString()}`).join();
    const started = process.cpuUsage();
    assert.ok(!takes('momento-topic', 'Topics', `${topics}"`));
    assert.ok(process.cpuUsage(started).user < 1_000_000);
  });
});

describe('an update with other parameters', () => {
  /** The parameters that a value depends on, itself or by a condition. */
  function parametersIn(value: unknown, template: Template): string[] {
    const text = JSON.stringify(value);
    const conditions = Object.entries(template.Conditions ?? {}).filter(([id]) => text.includes(`"${id}"`));
    const all = [text, ...conditions.map(([, condition]) => JSON.stringify(condition))].join();
    return Object.keys(template.Parameters).filter((id) => new RegExp(`"${id}"|\\{${id}\\}`).test(all));
  }

  test('changes no queue, table or log group, and of a secret nothing but its value: each keeps what it holds', () => {
    const KEEPERS: Readonly<Record<string, string>> = {
      'AWS::SQS::Queue': '',
      'AWS::DynamoDB::Table': '',
      'AWS::Logs::LogGroup': '',
      'AWS::SecretsManager::Secret': 'SecretString',
    };
    for (const name of TEMPLATES) {
      const template = read(name);
      const keepers = Object.entries(template.Resources).filter(([, { Type }]) => Type in KEEPERS);
      assert.ok(keepers.length > 0);
      for (const [id, { Type, Properties }] of keepers) {
        for (const [property, value] of Object.entries(Properties)) {
          if (property !== KEEPERS[Type])
            assert.deepEqual(parametersIn(value, template), [], `${name}: ${id}.${property}`);
        }
      }
    }
  });

  test('has the functions wait until the other bus is known to exist: until then they put on the first one', () => {
    for (const name of ['momento-webhook', 'momento-topic'] as const) {
      const functions = Object.entries(read(name).Resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
      assert.equal(functions.length, 2);
      for (const [id, { DependsOn = [] }] of functions) {
        assert.ok([DependsOn].flat().includes('EventBusMustExist'), `${name}: ${id}`);
      }
    }
  });
});

describe('the parameter Topics of momento-topic.yaml', () => {
  const template = read('momento-topic') as unknown as {
    readonly Resources: {
      readonly Schedule: { readonly Properties: { readonly Target: { readonly Input: unknown } } };
    };
  };

  /** What CloudFormation makes of the functions that the input consists of. */
  function evaluated(value: unknown, topics: string): unknown {
    if (value === 'Topics') return topics;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
    const [entry] = Object.entries(value as Record<string, [unknown, unknown]>);
    const [name, [first, second]] = entry ?? assert.fail('there is no function');
    const list = evaluated(second, topics);
    if (name === 'Fn::Join') return (list as string[]).join(first as string);
    if (name === 'Fn::Split') return (list as string).split(first as string);
    assert.fail(`the test knows no ${name}`);
  }

  test('becomes the input that the handler takes', () => {
    const [text, { Named }] = template.Resources.Schedule.Properties.Target.Input as [string, { Named: unknown }];
    const input = (topics: string): unknown =>
      JSON.parse(text.replace('${Named}', evaluated(Named, topics) as string).replace('${StartAt}', 'NEWEST'));
    assert.deepEqual(input('chat#room-281'), {
      topics: [{ cache: 'chat', topic: 'room-281' }],
      startAt: 'NEWEST',
    });
    assert.deepEqual(input('chat#room 281,games/1#é,games/1#b'), {
      topics: [
        { cache: 'chat', topic: 'room 281' },
        { cache: 'games/1', topic: 'é' },
        { cache: 'games/1', topic: 'b' },
      ],
      startAt: 'NEWEST',
    });
  });
});

describe('with an e-mail address,', () => {
  for (const name of TEMPLATES) {
    const template = read(name);
    const ofType = (type: string) => Object.entries(template.Resources).filter(([, { Type }]) => Type === type);
    const alarms = ofType('AWS::CloudWatch::Alarm');

    test(`every alarm of ${name}.yaml goes to it`, () => {
      assert.ok(alarms.length >= 3);
      for (const [id, { Properties }] of alarms) assert.deepEqual(Properties.AlarmActions, ['AlarmTopic'], id);
      const [[, subscription] = assert.fail(), ...others] = ofType('AWS::SNS::Subscription');
      assert.deepEqual(
        [subscription.Properties, others],
        [{ Endpoint: 'AlarmEmail', Protocol: 'email', TopicArn: 'AlarmTopic' }, []],
      );
    });

    test(`and only then, ${name}.yaml has alarms, a topic and a subscription`, () => {
      assert.deepEqual(template.Conditions?.AlarmEmailIsGiven, [['AlarmEmail', '']]);
      for (const [id, { Condition }] of Object.entries(template.Resources)) {
        const isOfAlarms = /^AWS::(CloudWatch|SNS)::/.test(template.Resources[id]?.Type ?? '');
        assert.equal(Condition, isOfAlarms ? 'AlarmEmailIsGiven' : undefined, id);
      }
    });

    test(`the alarms of ${name}.yaml name nothing that the template does not have`, () => {
      for (const [id, { Properties }] of alarms) {
        const description = JSON.stringify(Properties.AlarmDescription);
        for (const [, named = ''] of description.matchAll(/\$\{([^}]+)\}/g)) {
          const known = [...Object.keys(template.Resources), 'AWS::Region', 'AWS::AccountId', 'AWS::Partition'];
          assert.ok(known.includes(named.split('.')[0] ?? ''), `${id}: ${named}`);
        }
        // The placeholder for the topics, which are known only at deployment.
        assert.doesNotMatch(JSON.stringify(Properties), /"Topic"|Cache#Topic/, id);
      }
    });
  }
});

test('the alarm about the API key that a connection copies says what is to be done here', () => {
  const { AlarmDescription: description } = read('eventbridge-to-momento').Resources.NothingDelivered?.Properties ?? {};
  assert.match(String(description), /\*\*Do:\*\* [^\n]*\bupdate the parameter of the one-click template\b/);
});

describe('what a release uploads', () => {
  const { files, buckets, version, latest } = templates.uploads;

  test('is all of the code that the templates name, and the templates, after it', () => {
    const yaml = TEMPLATES.map((name) => templates.yaml(name)).join('\n');
    const named = [...new Set(yaml.match(/\S+\.zip/g))];
    assert.equal(named.length, 8);
    assert.deepEqual(
      files.map(({ key }) => key),
      [...named, ...TEMPLATES.map((name) => `${version}/${name}.yaml`)],
    );
  });

  test('has each template once more, under an address that stays', () => {
    const released = files.filter(({ key }) => key.endsWith('.yaml'));
    assert.deepEqual(
      latest,
      released.map((file) => ({ ...file, key: file.key.replace(version, 'latest') })),
    );
  });

  test('has the hash of each file', () => {
    for (const { path, sha256 } of [...files, ...latest]) {
      const content = readFileSync(join(dirname(templates.list), path));
      assert.equal(sha256, createHash('sha256').update(content).digest('hex'));
    }
  });

  test('goes into a bucket of each region, from which the links take the templates', () => {
    assert.deepEqual(
      buckets.map(({ region }) => region),
      REGIONS,
    );
    for (const { region, bucket } of buckets) {
      for (const name of TEMPLATES) {
        for (const [edition, folder] of [
          ['this version', VERSION],
          ['latest', 'latest'],
        ] as const) {
          const link = new URL(launchLink(RELEASE_BUCKETS, name, region, edition));
          const template = new URLSearchParams(link.hash.split('?')[1]).get('templateURL');
          assert.equal(template, `https://${bucket}.s3.${region}.amazonaws.com/${folder}/${name}.yaml`);
          assert.equal(link.host, `${region}.console.aws.amazon.com`);
        }
      }
    }
  });
});

describe('the copy of a company, in a bucket of its own,', () => {
  const host = ownBucket('acme-templates', 'eu-west-1');
  const copy = new GeneratedTemplates(host);

  test('takes the code from that bucket, and can be launched where it is', () => {
    for (const name of ['momento-topic', 'momento-webhook', 'eventbridge-to-momento-by-lambda'] as const) {
      const { Resources, Rules } = parse(copy.yaml(name), { logLevel: 'silent' }) as Template;
      const functions = Object.values(Resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
      assert.ok(functions.length > 0);
      for (const { Properties } of functions) {
        assert.equal((Properties.Code as { S3Bucket: unknown }).S3Bucket, 'acme-templates');
      }
      const { CodeRegions } = Rules as Record<string, { Assertions: { Assert: unknown }[] }>;
      assert.deepEqual(CodeRegions?.Assertions[0]?.Assert, { 'Fn::Contains': [['eu-west-1'], 'AWS::Region'] });
    }
  });

  test('has nothing of the buckets of a release', () => {
    for (const name of TEMPLATES) assert.doesNotMatch(copy.yaml(name), /cdk-momento-eventbridge-(\$|[a-z]{2}-)/);
    assert.deepEqual(copy.uploads.buckets, [{ region: 'eu-west-1', bucket: 'acme-templates' }]);
    const table = launchTable(host, 'latest');
    assert.equal(table.match(/https:\/\/acme-templates|https%3A%2F%2Facme-templates/g)?.length, TEMPLATES.length);
  });

  test('cannot be in a bucket or a region whose name cannot be one', () => {
    for (const bucket of ['', 'ab', 'Acme', 'acme.templates', 'acme_templates', '-acme', 'acme-', 'x'.repeat(64)]) {
      assert.throws(() => ownBucket(bucket, 'eu-west-1'), /^Error: The bucket must have 3 to 63 /, bucket);
    }
    for (const region of ['', 'eu', 'eu-west', 'eu-west-1a', 'EU-WEST-1']) {
      assert.throws(() => ownBucket('acme', region), /^Error: The region of the bucket must be one such as /, region);
    }
    for (const region of ['us-gov-west-1', 'ap-southeast-2']) ownBucket('x'.repeat(63), region);
  });
});

describe('the buttons', () => {
  test('are pictures that say what they launch, and where', () => {
    const table = launchTable(RELEASE_BUCKETS, 'latest');
    const buttons = [...table.matchAll(/\[!\[(.*?)\]\((.*?)\)\]\((.*?)\)/g)];
    assert.equal(buttons.length, REGIONS.length * TEMPLATES.length);
    for (const [, text, picture = '', link = ''] of buttons) {
      const [, template = '', region = ''] = /^Launch (\S+) in (\S+)$/.exec(text ?? '') ?? [];
      assert.ok(link.includes(`/latest/${template}.yaml`) || link.includes(`%2Flatest%2F${template}.yaml`), link);
      assert.ok(link.startsWith(`https://${region}.console.aws.amazon.com/`), link);
      const [, file = ''] = /^https:\/\/raw\.githubusercontent\.com\/[^/]+\/[^/]+\/main\/(.*)$/.exec(picture) ?? [];
      assert.ok(existsSync(join(__dirname, '../..', file)), picture);
    }
  });
});

describe('docs/launch-stack.md', () => {
  const root = join(__dirname, '../..');
  const text = readFileSync(join(root, 'docs/launch-stack.md'), 'utf8');

  test('has the buttons of the newest version once there is a release, and no links to buckets that nobody owns yet', () => {
    const { date } = newestEntry(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'));
    const links = REGIONS.flatMap((region) =>
      TEMPLATES.map((name) => launchLink(RELEASE_BUCKETS, name, region, 'latest')),
    );
    // `npm run templates` writes them to dist/templates/launch-stack.md.
    assert.deepEqual(
      text.match(/https:\/\/[^\s)]*(console\.aws|amazonaws)\.[^\s)]*/g) ?? [],
      date === 'unreleased' ? [] : links,
    );
  });

  test('says what the parameters are, and what the outputs', () => {
    for (const name of TEMPLATES) {
      const [, section = ''] = new RegExp(`^## ${name.replace(/-by-lambda$/, '')}\\b([^]*?)^## `, 'm').exec(text) ?? [];
      const { Parameters, Outputs } = read(name);
      for (const id of [...Object.keys(Parameters), ...Object.keys(Outputs)]) {
        assert.ok(section.includes(`\`${id}\``), `${name}: ${id}`);
      }
    }
  });

  test('says how many alarms there are, and what they cost', () => {
    for (const name of TEMPLATES) {
      const alarms = Object.values(read(name).Resources).filter(({ Type }) => Type === 'AWS::CloudWatch::Alarm');
      // CloudWatch bills an alarm by the metrics that it reads.
      const metrics = alarms
        .flatMap(({ Properties }) => (Properties.Metrics ?? [{ MetricStat: {} }]) as { MetricStat?: object }[])
        .filter(({ MetricStat }) => MetricStat);
      const [, count, price] = new RegExp(`^\\| \`${name}\` +\\| +(\\d+) \\| +([0-9.]+) \\|$`, 'm').exec(text) ?? [];
      assert.deepEqual([count, price], [alarms.length.toString(), (metrics.length * 0.1).toFixed(2)], name);
    }
  });

  test('names the regions that the templates work in', () => {
    for (const region of REGIONS) assert.ok(text.includes(`\`${region}\``), region);
  });
});

describe('a stack for one click', () => {
  class Clashing extends OneClickStack {
    public override readonly comments = {};

    public constructor() {
      super('has a parameter and an output of one name');
      new CfnParameter(this, 'Name');
      new CfnOutput(this, 'Inner', { value: 'x' }).overrideLogicalId('Other');
      new CfnOutput(this, 'name', { value: 'y' });
    }
  }

  test('refuses two things of one name, which CloudFormation would mix up', () => {
    assert.throws(() => new Clashing().synthesize(), /OneClick\/Name and OneClick\/name would both be Name/);
  });
});

describe('the YAML of a template', () => {
  const yaml = (Resources: object, comments = {}) => templateYaml({ Resources }, 'A heading', comments);

  test('has functions as tags', () => {
    assert.equal(
      yaml({ A: { Ref: 'B' }, C: { 'Fn::GetAtt': ['D', 'Arn'] }, E: { 'Fn::If': ['F', { Ref: 'G' }, 'h'] } }),
      `# A heading

Resources:
  A: !Ref B

  C: !GetAtt D.Arn

  E: !If
    - F
    - !Ref G
    - h
`,
    );
  });

  test('has a function of a function written out, for a tag cannot follow a tag', () => {
    assert.match(yaml({ A: { 'Fn::Sub': { Ref: 'B' } } }), /A:\n    Fn::Sub: !Ref B\n/);
  });

  test('has joined pieces as one text, with a literal ${ kept', () => {
    const joined = (...pieces: unknown[]) => yaml({ A: { 'Fn::Join': ['', pieces] } });
    assert.match(joined('a-', { Ref: 'B' }, ':', { 'Fn::GetAtt': ['C', 'Arn'] }), /A: !Sub a-\${B}:\${C\.Arn}\n/);
    assert.match(joined('${x}', { Ref: 'B' }), /A: !Sub \${!x}\${B}\n/);
    assert.match(joined('a', { 'Fn::FindInMap': ['M', 'k', 'v'] }), /!Sub\n    - a\${v}\n    - v: !FindInMap\n/);
    assert.match(joined('a', { 'Fn::Select': [0, ['b']] }), /Fn::Join:/);
  });

  test('quotes what old YAML would take for a date or a truth value', () => {
    assert.match(yaml({ A: '2012-10-17', B: 'yes' }), /A: '2012-10-17'\n\n  B: 'yes'\n/);
  });

  test('has a comment above the resource that it is about, and refuses one about no resource', () => {
    assert.match(yaml({ A: 1, B: 2 }, { B: 'why' }), /\n\n  # why\n  B: 2\n/);
    assert.throws(() => yaml({ A: 1 }, { C: 'why' }), /The template has no Resources\.C/);
  });

  test('refuses a section of which it does not know the place', () => {
    assert.throws(() => templateYaml({ Hooks: {} }, 'A heading'), /Hooks/);
  });
});
