"""A policy's conditions on what is put on a bus are never met: PutEvents is evaluated without its condition keys.

AWS evaluates `events:source` and `events:detail-type` for each entry, and one that is denied denies the call.
"""

import json
from typing import Any

from ministack.core import iam_actions, iam_evaluator

KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}

# Carries the values of each entry from where ministack reads the request to where it evaluates the policies.
ENTRIES = "put-events-entries"


def apply() -> None:
    """Evaluates the policies once for each entry that differs in what the keys say."""
    request_tag_context = iam_actions.request_tag_context
    enforce = iam_evaluator.enforce

    def context_with_entries(service: str, action: str, body: bytes, *others: Any) -> dict[str, Any]:
        context = request_tag_context(service, action, body, *others)
        return {**context, ENTRIES: _values_of(body)} if action == "events:PutEvents" else context

    def enforce_each_entry(*arguments: Any, service_context: dict[str, Any] | None = None, **others: Any) -> Any:
        context = dict(service_context or {})
        # Without entries the call itself is evaluated: it is invalid, but not everybody may learn that.
        for values in context.pop(ENTRIES, None) or [{}]:
            if denied := enforce(*arguments, service_context={**context, **values}, **others):
                return denied
        return None

    iam_actions.request_tag_context = context_with_entries
    iam_evaluator.enforce = enforce_each_entry


def _values_of(body: bytes) -> list[dict[str, str]]:
    values = []
    for entry in json.loads(body).get("Entries", []):
        of_entry = {key: entry[field] for key, field in KEYS.items() if entry.get(field) is not None}
        if of_entry not in values:
            values.append(of_entry)
    return values
