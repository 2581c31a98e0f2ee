export * from './cdk-cli';
export * from './fault-proxy';
export * from './local-aws';
export * from './local-momento';
export { StackOutputs } from './deploy-stack';
