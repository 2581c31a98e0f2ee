"""EventBridge: a rule has no limits

AWS takes an event pattern of 2,048 characters unless that quota was raised, 5 targets
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html), and a description of 512 characters
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html).
"""

from upstream.aws import Aws, outcome

AWS = ["LimitExceededException", "ValidationException", "LimitExceededException"]


def observe(aws: Aws) -> object:
    """Exceeds each limit by one."""
    events, name = aws.client("events"), aws.name()
    pattern = '{"source":["test"]}'
    long = pattern.replace("test", "x" * (2049 - len(pattern) + len("test")))
    events.put_rule(Name=name, EventPattern=pattern)
    targets = [{"Id": str(index), "Arn": f"arn:aws:sqs:us-east-1:000000000000:q{index}"} for index in range(6)]
    return [
        outcome(events.put_rule, Name=name, EventPattern=long),
        outcome(events.put_rule, Name=name, EventPattern=pattern, Description="d" * 513),
        outcome(events.put_targets, Rule=name, Targets=targets),
    ]
