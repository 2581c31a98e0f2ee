import { App } from 'aws-cdk-lib';
import { ModeratedChatStack } from './moderated-chat-stack';

new ModeratedChatStack(new App(), 'ModeratedChat');
