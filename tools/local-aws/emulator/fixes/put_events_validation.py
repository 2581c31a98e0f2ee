"""PutEvents accepts events that AWS refuses.

AWS refuses an entry whose detail is not a JSON object (MalformedDetail) or that lacks a field (InvalidArgument) inside
a 200, and the whole request when it is too large or a trace header has more than 500 characters
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html). (A bus that does not exist is accepted, on AWS too.)

ministack's Step Functions hand over a detail as the object that a definition has. On AWS, they make text of it
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html), and so does this.
"""

import json
from typing import Any

from ministack.services import eventbridge

MAX_REQUEST_BYTES = 1024 * 1024
MAX_DETAIL_TYPE_CHARACTERS = 128
MAX_TRACE_HEADER_CHARACTERS = 500


def _with_text(entry: dict[str, Any]) -> dict[str, Any]:
    detail = entry.get("Detail")
    return {**entry, "Detail": json.dumps(detail)} if isinstance(detail, dict) else entry


def _defect(entry: dict[str, Any]) -> tuple[str, str] | None:
    for field in ("Source", "DetailType", "Detail"):
        if not entry.get(field):
            return "InvalidArgument", f"Parameter {field} is not valid. Reason: {field} is a required argument."
    if len(entry["DetailType"]) > MAX_DETAIL_TYPE_CHARACTERS:
        reason = f"DetailType is longer than {MAX_DETAIL_TYPE_CHARACTERS} characters."
        return "InvalidArgument", f"Parameter DetailType is not valid. Reason: {reason}"
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        detail = None
    return None if isinstance(detail, dict) else ("MalformedDetail", "Detail is malformed.")


def _size(entry: dict[str, Any]) -> int:
    """As AWS documents it: 14 bytes for a given time, and the UTF-8 bytes of the strings."""
    strings = [entry.get("Source"), entry.get("DetailType"), entry.get("Detail"), *entry.get("Resources", [])]
    return (14 if "Time" in entry else 0) + sum(len(text.encode()) for text in strings if text)


def apply() -> None:
    """Checks entries before ministack sees them, and keeps the answers in the order of the entries."""
    put_events = eventbridge._put_events

    def put_valid(data: dict[str, Any], allow_aws_source: bool = False) -> Any:
        entries = list(map(_with_text, data.get("Entries", [])))
        if sum(map(_size, entries)) > MAX_REQUEST_BYTES:
            message = "Total size of the entries in the request is over the limit."
            return eventbridge.error_response_json("ValidationException", message, 400)
        if any(len(entry.get("TraceHeader") or "") > MAX_TRACE_HEADER_CHARACTERS for entry in entries):
            message = f"Member must have length less than or equal to {MAX_TRACE_HEADER_CHARACTERS}"
            return eventbridge.error_response_json("ValidationException", message, 400)
        defects = [_defect(entry) for entry in entries]
        valid = [entry for entry, defect in zip(entries, defects, strict=True) if defect is None]
        if len(valid) == len(entries):
            return put_events({**data, "Entries": entries}, allow_aws_source)
        accepted = iter(json.loads(put_events({**data, "Entries": valid}, allow_aws_source)[2])["Entries"])
        results = [
            next(accepted) if defect is None else {"ErrorCode": defect[0], "ErrorMessage": defect[1]}
            for defect in defects
        ]
        failed = sum("ErrorCode" in result for result in results)
        return eventbridge.json_response({"FailedEntryCount": failed, "Entries": results})

    eventbridge._put_events = put_valid
