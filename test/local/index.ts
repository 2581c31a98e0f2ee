export * from './cdk-cli';
export * from './fault-proxy';
export * from './local-aws';
export { StackOutputs } from './deploy-stack';
