"""A state machine that puts an event fails: ministack takes the detail for text, and a definition has it as an object.

On AWS, Step Functions makes text of it (https://docs.aws.amazon.com/step-functions/latest/dg/connect-eventbridge.html).
"""

import json
from typing import Any

from ministack.services import stepfunctions

RESOURCE = "arn:aws:states:::events:putEvents"


def apply() -> None:
    """Makes text of each detail before the events are put."""
    put_events = stepfunctions._SERVICE_DISPATCH[RESOURCE]

    def put_with_text(resource: str, input_data: dict[str, Any]) -> Any:
        entries = [_with_text(entry) for entry in input_data.get("Entries", [])]
        return put_events(resource, {**input_data, "Entries": entries})

    stepfunctions._SERVICE_DISPATCH[RESOURCE] = put_with_text


def _with_text(entry: dict[str, Any]) -> dict[str, Any]:
    detail = entry.get("Detail")
    return {**entry, "Detail": json.dumps(detail)} if isinstance(detail, dict) else entry
