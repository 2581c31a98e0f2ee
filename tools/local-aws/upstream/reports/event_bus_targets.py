"""EventBridge: a rule does not deliver to event buses of other accounts, and what it cannot deliver to a bus is lost

AWS delivers to a bus of another account whose policy allows it
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html), and sends an event to the target's dead-letter
queue if there is no such bus (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html).
"""

from upstream.aws import Aws

OTHER = "222222222222"
AWS = ["delivered", "NO_RESOURCE"]


def observe(aws: Aws) -> object:
    """Forwards to a bus of another account, and to one that does not exist."""
    events, sqs, name = aws.client("events", OTHER), aws.client("sqs", OTHER), aws.name()
    events.create_event_bus(Name=name)
    events.put_permission(EventBusName=name, StatementId="s", Action="events:PutEvents", Principal="000000000000")
    attributes = {"Policy": '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}'}
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    events.put_rule(Name=name, EventBusName=name, EventPattern='{"source":["test"]}')
    target = {"Id": "1", "Arn": f"arn:aws:sqs:us-east-1:{OTHER}:{name}"}
    events.put_targets(Rule=name, EventBusName=name, Targets=[target])

    letters_url, letters_arn = aws.queue()
    bus = aws.bus()
    for forwarded in (name, "missing"):
        arn = f"arn:aws:events:us-east-1:{OTHER}:event-bus/{forwarded}"
        aws.rule(bus, {"Arn": arn, "RoleArn": aws.role(), "DeadLetterConfig": {"Arn": letters_arn}})
    aws.put(bus)
    delivered = aws.until(lambda: sqs.receive_message(QueueUrl=url).get("Messages"))
    codes = [letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in aws.messages(letters_url)]
    return ["delivered" if delivered else "not delivered", *codes]
