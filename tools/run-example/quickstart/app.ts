/** What the demo deploys with the CDK CLI: the quickstart, and what it has beside it. */
import { App } from 'aws-cdk-lib';
import { MomentoTopicToEventBridge } from 'cdk-momento-eventbridge';
import { QuickstartStack } from '../../../examples/quickstart/quickstart-stack';
import { useDemoBuild } from '../demo-build';
import { LOCAL_ARCHITECTURE, LocalEndpoint } from '../local-endpoint';
import { nameSubscribeFunction } from '../subscription';
import { BesideStack } from './beside-stack';

const app = new App();
const { momento, demoBuild } = app.node.getAllContext() as { readonly momento: string; readonly demoBuild?: string };
if (demoBuild === 'true') useDemoBuild();

const props = { endpoint: new LocalEndpoint(momento), architecture: LOCAL_ARCHITECTURE };
const { fromMomento } = new QuickstartStack(app, 'Quickstart', props);
if (fromMomento instanceof MomentoTopicToEventBridge) nameSubscribeFunction(fromMomento);
new BesideStack(app, 'Beside', props);
