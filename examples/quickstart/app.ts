import { App } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { QuickstartStack } from './quickstart-stack';

const app = new App();
// `cdk deploy -c architecture=x86_64`: a local AWS runs the handler on this machine's own processor.
const architecture = app.node.tryGetContext('architecture') === 'x86_64' ? lambda.Architecture.X86_64 : undefined;
new QuickstartStack(app, 'Quickstart', { architecture });
