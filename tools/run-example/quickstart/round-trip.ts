import { App, Lazy } from 'aws-cdk-lib';
import { MomentoEndpoint } from 'cdk-momento-eventbridge';
import { RoundTripStack } from './round-trip-stack';

const app = new App();
// `cdk deploy -c momento=http://127.0.0.1:…`: a local Momento has no TLS, which a URL that is known here must have.
const momento = app.node.tryGetContext('momento') as string | undefined;
const endpoint = momento === undefined ? undefined : MomentoEndpoint.custom(Lazy.string({ produce: () => momento }));
new RoundTripStack(app, 'RoundTrip', { endpoint });
