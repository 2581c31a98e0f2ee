"""PutEvents ignores an entry's `Time`: every event carries the time of its arrival.

On AWS the event's `time` is the one the sender gave.
"""

import contextvars
from typing import Any

from ministack.services import eventbridge

_times: contextvars.ContextVar[list[float]] = contextvars.ContextVar("entry_times")


def apply() -> None:
    """Puts entries one by one, so that the clock that ministack reads for an event can be that event's own time."""
    put_events = eventbridge._put_events
    now = eventbridge._now_ts

    def entry_time() -> float:
        times = _times.get([])
        return times[0] if times else now()

    def put_one_by_one(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = data.get("Entries", [])
        if len(entries) > 10:
            return put_events(data, allow_aws_source)
        results: list[dict[str, str]] = []
        for entry in entries:
            given = entry.get("Time")
            token = _times.set([] if given is None else [float(given)])
            try:
                answer = put_events({**data, "Entries": [entry]}, allow_aws_source)
            finally:
                _times.reset(token)
            results.extend(eventbridge.json.loads(answer[2])["Entries"])
        failed = sum("ErrorCode" in result for result in results)
        return eventbridge.json_response({"FailedEntryCount": failed, "Entries": results})

    eventbridge._now_ts = entry_time
    eventbridge._put_events = put_one_by_one
