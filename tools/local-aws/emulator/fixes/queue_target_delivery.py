"""A rule delivers to any queue, whatever the queue's policy says, and what it cannot deliver vanishes.

On AWS the queue's policy must allow events.amazonaws.com, and what cannot be delivered goes to the target's
dead-letter queue. There are no retries.
"""

import json
from typing import Any

from ministack.services import eventbridge

from ..dead_letters import refusal_of_queue, send_to_dead_letters


def apply() -> None:
    """Asks before delivering to a queue. Other kinds of target are left alone."""
    invoke_target = eventbridge._invoke_target

    def invoke_permitted(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        arn = target.get("Arn", "")
        refusal = refusal_of_queue(arn, rule) if arn.startswith("arn:aws:sqs:") else None
        if refusal is None:
            invoke_target(target, event, rule, view)
            return
        view = view or eventbridge._pattern_event_view(event)
        facts = {"ERROR_CODE": refusal[0], "ERROR_MESSAGE": refusal[1]}
        send_to_dead_letters(target, rule, json.dumps(view.event_with_detail()), facts)

    eventbridge._invoke_target = invoke_permitted
