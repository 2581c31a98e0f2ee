export * from './fault-proxy';
export * from './local-aws';
export type { StackOutputs } from './deploy-stack';
