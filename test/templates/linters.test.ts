import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { TEMPLATES } from '../../templates/release';
import { cfnLint } from '../cfn-lint';
import { GeneratedTemplates } from './generated';

const ROOT = join(__dirname, '../..');
// What users deploy: each snapshot is held up to date by a test of its own.
const SNAPSHOTS = ['test/constructs/snapshots', 'test/examples/snapshots'];

/** Why a finding of checkov stays, by its check and the type of resource. */
const REASONS: Readonly<Record<string, string>> = {
  'CKV_AWS_26 AWS::SNS::Topic':
    'CloudWatch cannot send to a topic with the AWS managed key, and another key costs more than most of the alarms. Alarms have ' +
    'no text of a message.',
  'CKV_AWS_27 AWS::SQS::Queue':
    'Encrypted with keys that SQS manages, which checkov does not count. A KMS key is billed for each message and has to ' +
    'let EventBridge in. Pass queues of your own to use one.',
  'CKV_AWS_28 AWS::DynamoDB::Table':
    'The replay table holds digests that are out of date in minutes, and the checkpoint table positions that are out of date ' +
    'in seconds; a backup of them is worth nothing. The other table is of the test.',
  'CKV_AWS_95 AWS::ApiGatewayV2::Stage':
    'Of an example whose function logs each rejection itself. An access log would repeat that.',
  'CKV_AWS_111 AWS::IAM::Policy':
    'Lambda joins a VPC in the name of the role: EC2 has no resource for some of these actions, and the interfaces do not ' +
    'exist before. X-Ray has no resources at all.',
  'CKV_AWS_115 AWS::Lambda::Function':
    'The prop reservedConcurrency sets it for the webhook. A default would take part of the account from other functions; ' +
    'functions behind queues are limited by the maximum concurrency of their event source.',
  'CKV_AWS_116 AWS::Lambda::Function':
    'A dead-letter queue of a function serves asynchronous invocations only. These are invoked by a URL, a queue or a pipe, ' +
    'and have their own queues for what fails. follow-rotation is invoked again every 15 minutes, and subscribe every minute.',
  'CKV_AWS_117 AWS::Lambda::Function': 'The functions call public endpoints only. The prop vpc puts them in a VPC.',
  'CKV_AWS_119 AWS::DynamoDB::Table':
    'Encrypted with a key that AWS owns. ReplayProtection.existingTable() and the prop checkpointTable take a table with ' +
    'another key. The others are of examples and the test.',
  'CKV_AWS_149 AWS::SecretsManager::Secret':
    'Encrypted with the AWS managed key aws/secretsmanager. The props signingSecret and apiKey take a secret with another key.',
  'CKV_AWS_158 AWS::Logs::LogGroup':
    'Encrypted by CloudWatch Logs. The prop logEncryptionKey encrypts with a key of yours.',
  'CKV_AWS_173 AWS::Lambda::Function':
    'No variable is secret. They are encrypted with a key of Lambda; the prop environmentEncryption takes another.',
  'CKV_AWS_258 AWS::Lambda::Url':
    'Momento cannot sign requests with IAM. The handler checks the signature of each before anything else.',
};

interface Finding {
  readonly check_id: string;
  readonly file_path: string;
  /** Its type, a dot and its logical id. */
  readonly resource: string;
}

describe('in all templates, of the constructs, of the examples and to launch,', () => {
  const directory = mkdtempSync(join(tmpdir(), 'linted-'));
  after(() => {
    rmSync(directory, { recursive: true });
  });
  const snapshots = SNAPSHOTS.flatMap((path) => readdirSync(join(ROOT, path)).map((name) => join(ROOT, path, name)));
  for (const file of snapshots) cpSync(file, join(directory, file.split('/').at(-1) ?? ''));
  const generated = new GeneratedTemplates();
  for (const name of TEMPLATES) cpSync(generated.path(name), join(directory, `${name}.yaml`));

  test('cfn-lint finds nothing', () => {
    const files = readdirSync(directory).map((name) => join(directory, name));
    assert.ok(files.length > TEMPLATES.length);
    const findings = [...cfnLint(files)].filter(([, found]) => found.length > 0);
    assert.deepEqual(findings, []);
  });

  test('checkov finds nothing but what has its reason here', () => {
    const { stdout, stderr } = spawnSync(
      join(ROOT, '.venv-checkov/bin/checkov'),
      // Nothing is asked of the network.
      ['--directory', directory, '--framework', 'cloudformation', '--output', 'json', '--quiet', '--skip-download'],
      { encoding: 'utf8', maxBuffer: 100 * 1024 * 1024 },
    );
    assert.notEqual(stdout, '', stderr);
    const report = JSON.parse(stdout) as {
      readonly results: { readonly failed_checks: Finding[] };
      readonly summary: { readonly parsing_errors: number; readonly passed: number };
    };
    assert.equal(report.summary.parsing_errors, 0);
    assert.ok(report.summary.passed > 100);
    const found = report.results.failed_checks.map(
      ({ check_id, resource }) => `${check_id} ${resource.split('.')[0] ?? ''}`,
    );
    assert.deepEqual([...new Set(found)].sort(), Object.keys(REASONS).sort());
  });
});
