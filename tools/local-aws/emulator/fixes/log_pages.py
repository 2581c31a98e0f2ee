"""What a log group holds beyond 10,000 events is never shown.

FilterLogEvents returns 10,000 at most, as on AWS, but no token for the rest. Here the token says with which millisecond to
go on, and how many events of it were shown before. More than 10,000 of one millisecond have no end: no function here writes
as fast.
"""

import json
from typing import Any

from ministack.services import cloudwatch_logs

MAX_EVENTS = 10_000


def apply() -> None:
    """Adds the token, and understands it."""
    filter_events = cloudwatch_logs._filter_log_events

    def filter_page(data: dict[str, Any]) -> Any:
        start, shown = data.get("startTime"), 0
        if data.get("nextToken"):
            start, shown = (int(part) for part in data["nextToken"].split(":"))
        status, headers, body = filter_events({**data, "startTime": start})
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        events = answer["events"]
        if len(events) >= min(data.get("limit", MAX_EVENTS), MAX_EVENTS):
            last = events[-1]["timestamp"]
            answer["nextToken"] = f"{last}:{sum(event['timestamp'] == last for event in events)}"
        answer["events"] = events[shown:]
        return cloudwatch_logs.json_response(answer)

    cloudwatch_logs._filter_log_events = filter_page
