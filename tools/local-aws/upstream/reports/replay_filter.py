"""EventBridge: a replay ignores FilterArns

`FilterArns` are the rules that the events are replayed to
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ReplayDestination.html). ministack replays to all rules.
"""

import time

from upstream.aws import Aws

AWS = [2, 1]


def observe(aws: Aws) -> object:
    """Replays an event to one of two rules. Answers how many events each of the two queues got."""
    events, bus = aws.client("events"), aws.bus()
    queues = [aws.queue() for _ in range(2)]
    [named, _] = [aws.rule(bus, {"Arn": arn}) for _, arn in queues]
    bus_arn = f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}"
    archive = events.create_archive(ArchiveName=aws.name(), EventSourceArn=bus_arn)["ArchiveArn"]
    aws.put(bus)
    name, now = aws.name(), time.time()
    events.start_replay(
        ReplayName=name,
        EventSourceArn=archive,
        EventStartTime=now - 3600,
        EventEndTime=now + 3600,
        Destination={"Arn": bus_arn, "FilterArns": [named]},
    )
    aws.until(lambda: events.describe_replay(ReplayName=name)["State"] == "COMPLETED")
    attributes = aws.client("sqs").get_queue_attributes
    query = {"AttributeNames": ["ApproximateNumberOfMessages"]}
    return [int(attributes(QueueUrl=url, **query)["Attributes"]["ApproximateNumberOfMessages"]) for url, _ in queues]
