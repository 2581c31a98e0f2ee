export * from './local-aws/cdk-cli';
export * from './local-aws/fault-proxy';
export * from './local-aws/local-aws';
export * from './local-momento/local-momento';
export { StackOutputs } from './local-aws/deploy-stack';
