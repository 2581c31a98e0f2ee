import { App } from 'aws-cdk-lib';
import { TopicProcessingStack } from './topic-processing-stack';

new TopicProcessingStack(new App(), 'TopicProcessing');
