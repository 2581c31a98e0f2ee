"""A policy's conditions on what is put on a bus are never met: PutEvents is evaluated without its condition keys.

AWS evaluates each entry by itself, with `events:source` and `events:detail-type`. Here it is the request as a whole, so a
key has a value only if that is the same in all its entries.
"""

import json
from collections.abc import Mapping
from typing import Any

from ministack.core import iam_actions

KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}


def apply() -> None:
    """Adds the keys to those that come from a request's tags, which every request is asked for."""
    request_tag_context = iam_actions.request_tag_context

    def context_with_entries(service: str, action: str, body: bytes, *others: Any) -> dict[str, Any]:
        context = request_tag_context(service, action, body, *others)
        return {**context, **_context_of(body)} if action == "events:PutEvents" else context

    iam_actions.request_tag_context = context_with_entries


def _context_of(body: bytes) -> Mapping[str, str]:
    entries = json.loads(body).get("Entries", [])
    values = {key: {entry.get(field) for entry in entries} for key, field in KEYS.items()}
    return {key: value for key, (value, *others) in values.items() if value is not None and not others}
