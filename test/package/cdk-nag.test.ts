import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { explained, ruleOf } from '../constructs/nag-findings';
import { NAG, NEWEST, packages, specifiers, TOOLS } from './packages';
import { UserMachine } from './user-machine';

/** What the CDK writes of the plugins that validate an app. */
interface Report {
  readonly pluginReports: readonly {
    readonly violations: readonly {
      readonly ruleName: string;
      readonly violatingConstructs: readonly { readonly constructPath: string }[];
    }[];
  }[];
}

describe('cdk-nag 3, with the newest aws-cdk-lib', () => {
  const machine = UserMachine.start();

  after(() => {
    machine.stop();
  });

  test('finds nothing in any construct but what is explained', async () => {
    const project = await machine.npmProject('npm, cdk-nag 3', packages.npm, ...specifiers(NEWEST, NAG, TOOLS));
    project.write('app.ts', readFileSync(join(__dirname, 'apps/nag/app.ts'), 'utf8'));
    await project.run('node', ['node_modules/typescript/bin/tsc']);
    // Not by the CDK CLI, which fails if anything is found.
    await project.run('node', ['--import', 'tsx', 'app.ts'], { CDK_OUTDIR: 'cdk.out' });
    const report = readFileSync(join(project.directory, 'cdk.out/validation-report.json'), 'utf8');
    const { pluginReports } = JSON.parse(report) as Report;
    const findings = pluginReports.flatMap(({ violations }) =>
      violations.flatMap(({ ruleName, violatingConstructs }) =>
        violatingConstructs.map(({ constructPath }) => `${ruleName.split('[')[0] ?? ''} ${constructPath}`),
      ),
    );
    assert.deepEqual(
      findings.sort(),
      [
        `${ruleOf(explained.createdTable)} Webhook/In/ReplayTable/Resource`,
        `${ruleOf(explained.checkpointTable)} Topics/In/CheckpointTable/Resource`,
        `${ruleOf(explained.tracing)} Tracing/In/HandlerRole/DefaultPolicy/Resource`,
        `${ruleOf(explained.tracing)} Tracing/In/RedriveHandlerRole/DefaultPolicy/Resource`,
        `${ruleOf(explained.createdSecret)} Tracing/In/SigningSecret/Resource`,
        `${ruleOf(explained.createdSecret)} Webhook/In/SigningSecret/Resource`,
        `${ruleOf(explained.deadLetterQueue)} ApiDestinations/Out/DeadLetterQueue/Resource`,
        `${ruleOf(explained.deadLetterQueue)} Table/Cached/DeadLetterQueue/Resource`,
      ].sort(),
    );
  });
});
