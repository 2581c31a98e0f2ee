"""Pipes: a pipe from a DynamoDB stream does not deliver to an event bus

A pipe can put what it reads on a bus, with a filter and an enrichment before that
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-event-target.html). ministack reads the stream, and drops
what it reads.
"""

from upstream.aws import Aws

AWS = "delivered"


def observe(aws: Aws) -> object:
    """Writes an item to a table, and looks for it in a queue behind the bus."""
    url, arn = aws.queue()
    bus = aws.bus()
    aws.rule(bus, {"Arn": arn})
    table = {
        "Type": "AWS::DynamoDB::Table",
        "Properties": {
            "TableName": aws.name(),
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "StreamSpecification": {"StreamViewType": "NEW_IMAGE"},
        },
    }
    pipe = {
        "Type": "AWS::Pipes::Pipe",
        "Properties": {
            "RoleArn": "arn:aws:iam::000000000000:role/any",
            "Source": {"Fn::GetAtt": ["Table", "StreamArn"]},
            "SourceParameters": {"DynamoDBStreamParameters": {"StartingPosition": "TRIM_HORIZON"}},
            "Target": f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}",
            "TargetParameters": {"EventBridgeEventBusParameters": {"Source": "test", "DetailType": "change"}},
        },
    }
    aws.deploy({"Table": table, "Pipe": pipe})
    name = table["Properties"]["TableName"]
    aws.client("dynamodb").put_item(TableName=name, Item={"id": {"S": "a"}})
    return "delivered" if aws.messages(url) else "not delivered"
