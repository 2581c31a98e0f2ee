"""CloudWatch Logs: FilterLogEvents shows 10,000 events, and no token for the rest

The answer has a `nextToken` if there are more
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html). In ministack, what a group has
beyond 10,000 events is never shown.
"""

import time

from upstream.aws import Aws

AWS = 10_001


def observe(aws: Aws) -> object:
    """Writes 10,001 events, and counts those that all pages have."""
    logs, name = aws.client("logs"), aws.name()
    logs.create_log_group(logGroupName=name)
    logs.create_log_stream(logGroupName=name, logStreamName="s")
    now = int(time.time() * 1000)
    for milliseconds in (range(10_000), [10_000]):
        events = [{"timestamp": now + millisecond, "message": "m"} for millisecond in milliseconds]
        logs.put_log_events(logGroupName=name, logStreamName="s", logEvents=events)
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=name)
    return sum(len(page["events"]) for page in pages)
