"""EventBridge: PutEvents ignores the Time of an entry

An event has the time that its sender gave, and that of the call only without one (`Time` in
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html). ministack always takes that of the call.
"""

import json

from upstream.aws import Aws

AWS = "2020-01-02T03:04:05Z"


def observe(aws: Aws) -> object:
    """Puts an event with a time, and reads it from a queue."""
    url, arn = aws.queue()
    bus = aws.bus()
    aws.rule(bus, {"Arn": arn})
    aws.put(bus, Time=AWS)
    return json.loads(aws.messages(url)[0]["Body"])["time"]
