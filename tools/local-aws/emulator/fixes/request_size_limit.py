"""A function URL takes requests of any size.

AWS answers 413 to a request whose event is larger than 6 MB, and the function never runs.
"""

import json
from typing import Any

from ministack.services import lambda_svc

MAX_EVENT_BYTES = 6 * 1024 * 1024
REFUSAL = (413, {"Content-Type": "application/json"}, b'{"Message":"Request Entity Too Large"}')


class _TooLargeError(Exception):
    """The event exceeds what Lambda takes."""


def apply() -> None:
    """Measures the event that the function would get, its encoding and headers included."""
    build_event = lambda_svc._build_function_url_event
    handle = lambda_svc.handle_function_url_request

    def build_checked(*arguments: Any, **named: Any) -> dict[str, Any]:
        event: dict[str, Any] = build_event(*arguments, **named)
        if len(json.dumps(event, ensure_ascii=False).encode()) > MAX_EVENT_BYTES:
            raise _TooLargeError
        return event

    async def handle_checked(*arguments: Any, **named: Any) -> Any:
        try:
            return await handle(*arguments, **named)
        except _TooLargeError:
            return REFUSAL

    lambda_svc._build_function_url_event = build_checked
    lambda_svc.handle_function_url_request = handle_checked
