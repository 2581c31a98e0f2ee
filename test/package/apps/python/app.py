from aws_cdk import App, CfnOutput, Stack
from aws_cdk import aws_events_targets as targets
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_sqs as sqs
from aws_cdk.aws_lambda import Architecture
from cdk_momento_eventbridge import EventBridgeToMomento, MomentoEndpoint, MomentoWebhookToEventBridge

app = App()
stack = Stack(app, "Chat")
messages = sqs.Queue(stack, "Messages")
architecture = Architecture.X86_64 if app.node.try_get_context("architecture") == "x86_64" else Architecture.ARM_64
momento = MomentoWebhookToEventBridge(stack, "Momento", architecture=architecture)
momento.on_message("Room281", cache_name="chat", topic_name="room-281", target=targets.SqsQueue(messages))
EventBridgeToMomento(
    stack,
    "ToMomento",
    api_key=secretsmanager.Secret(stack, "ApiKey"),
    endpoint=MomentoEndpoint.for_region("us-east-1"),
    sources=["orders"],
)
CfnOutput(stack, "MessagesUrl", value=messages.queue_url)
app.synth()
