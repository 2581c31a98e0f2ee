"""EventBridge: DescribeEventBus does not take an ARN

`Name` is "the name or ARN of the event bus"
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html). ministack takes names only.
"""

from upstream.aws import Aws, outcome

AWS = "taken"


def observe(aws: Aws) -> object:
    """Describes a bus by its ARN."""
    arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{aws.bus()}"
    return outcome(aws.client("events").describe_event_bus, Name=arn)
