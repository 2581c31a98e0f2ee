package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
	momentoeventbridge "github.com/cdk-momento-eventbridge/cdk-momento-eventbridge-go/cdkmomentoeventbridge"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Chat"), nil)
	messages := awssqs.NewQueue(stack, jsii.String("Messages"), nil)
	architecture := awslambda.Architecture_ARM_64()
	if app.Node().TryGetContext(jsii.String("architecture")) == "x86_64" {
		architecture = awslambda.Architecture_X86_64()
	}
	momento := momentoeventbridge.NewMomentoWebhookToEventBridge(stack, jsii.String("Momento"),
		&momentoeventbridge.MomentoWebhookToEventBridgeProps{Architecture: architecture})
	momento.OnMessage(jsii.String("Room281"), &momentoeventbridge.OnMessageOptions{
		CacheName: jsii.String("chat"),
		TopicName: jsii.String("room-281"),
		Target:    awseventstargets.NewSqsQueue(messages, nil),
	})
	momentoeventbridge.NewEventBridgeToMomento(stack, jsii.String("ToMomento"), &momentoeventbridge.EventBridgeToMomentoProps{
		ApiKey:   awssecretsmanager.NewSecret(stack, jsii.String("ApiKey"), nil),
		Endpoint: momentoeventbridge.MomentoEndpoint_ForRegion(jsii.String("us-east-1")),
		Sources:  jsii.Strings("orders"),
	})
	awscdk.NewCfnOutput(stack, jsii.String("MessagesUrl"), &awscdk.CfnOutputProps{Value: messages.QueueUrl()})
	app.Synth(nil)
}
