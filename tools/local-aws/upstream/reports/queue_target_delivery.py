"""EventBridge: a rule delivers to a queue whose policy does not let it

The queue's policy must allow events.amazonaws.com; otherwise the event goes to the target's dead-letter queue, with the code
NO_PERMISSIONS (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html). ministack delivers it.
"""

from upstream.aws import Aws

AWS = ["NO_PERMISSIONS"]


def observe(aws: Aws) -> object:
    """Delivers to a queue without a policy."""
    _, arn = aws.queue(policy=None)
    letters_url, letters_arn = aws.queue()
    bus = aws.bus()
    aws.rule(bus, {"Arn": arn, "DeadLetterConfig": {"Arn": letters_arn}})
    aws.put(bus)
    return [letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in aws.messages(letters_url)]
