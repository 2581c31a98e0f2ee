import { App } from 'aws-cdk-lib';
import { WebhookInRustStack } from './webhook-in-rust-stack';

new WebhookInRustStack(new App(), 'WebhookInRust');
