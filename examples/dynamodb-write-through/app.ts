import { App } from 'aws-cdk-lib';
import { DynamoDbWriteThroughStack } from './dynamodb-write-through-stack';

new DynamoDbWriteThroughStack(new App(), 'DynamoDbWriteThrough');
