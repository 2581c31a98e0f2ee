import io.github.cdkmomentoeventbridge.EventBridgeToMomento;
import io.github.cdkmomentoeventbridge.MomentoEndpoint;
import io.github.cdkmomentoeventbridge.MomentoWebhookToEventBridge;
import io.github.cdkmomentoeventbridge.OnMessageOptions;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.events.targets.SqsQueue;
import software.amazon.awscdk.services.lambda.Architecture;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.sqs.Queue;

public final class ChatApp {
    public static void main(String[] arguments) {
        var app = new App();
        var stack = new Stack(app, "Chat");
        var messages = new Queue(stack, "Messages");
        var x86 = "x86_64".equals(app.getNode().tryGetContext("architecture"));
        var momento = MomentoWebhookToEventBridge.Builder.create(stack, "Momento")
                .architecture(x86 ? Architecture.X86_64 : Architecture.ARM_64)
                .build();
        momento.onMessage("Room281", OnMessageOptions.builder()
                .cacheName("chat")
                .topicName("room-281")
                .target(new SqsQueue(messages))
                .build());
        EventBridgeToMomento.Builder.create(stack, "ToMomento")
                .apiKey(new Secret(stack, "ApiKey"))
                .endpoint(MomentoEndpoint.forRegion("us-east-1"))
                .sources(List.of("orders"))
                .build();
        CfnOutput.Builder.create(stack, "MessagesUrl").value(messages.getQueueUrl()).build();
        app.synth();
    }
}
