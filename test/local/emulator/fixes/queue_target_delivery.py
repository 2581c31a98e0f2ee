"""A rule delivers to any queue, whatever the queue's policy says, and what it cannot deliver vanishes.

On AWS the queue's policy must allow events.amazonaws.com, and what cannot be delivered goes to the target's
dead-letter queue. The texts of the attributes there are this module's own; there are no retries.
"""

import json
from typing import Any

from ministack.services import eventbridge, sqs

SERVICE = "events.amazonaws.com"


def _refusal(queue_arn: str, rule: dict[str, Any]) -> tuple[str, str] | None:
    if sqs._queue_by_arn(queue_arn) is None:
        return "NO_RESOURCE", f"The queue {queue_arn} does not exist."
    if not sqs.queue_policy_allows(queue_arn, SERVICE, rule["Arn"], eventbridge.get_account_id()):
        return "NO_PERMISSIONS", f"The policy of {queue_arn} does not let {rule['Arn']} send to it."
    return None


def _send_to_dead_letters(target: dict[str, Any], rule: dict[str, Any], event: str, refusal: tuple[str, str]) -> None:
    dead_letters = target.get("DeadLetterConfig", {}).get("Arn", "")
    eventbridge.logger.warning("%s from rule %s: %s", *refusal, rule["Arn"])
    if not dead_letters or _refusal(dead_letters, rule) is not None:
        return
    facts = {
        "RULE_ARN": rule["Arn"],
        "TARGET_ARN": target["Arn"],
        "ERROR_CODE": refusal[0],
        "ERROR_MESSAGE": refusal[1],
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in facts.items()}
    queue_url = sqs._queue_by_arn(dead_letters)["url"]
    sqs._act_send_message({"MessageBody": event, "MessageAttributes": attributes}, queue_url)


def apply() -> None:
    """Asks before delivering to a queue. Other kinds of target are left alone."""
    invoke_target = eventbridge._invoke_target

    def invoke_permitted(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        arn = target.get("Arn", "")
        refusal = _refusal(arn, rule) if arn.startswith("arn:aws:sqs:") else None
        if refusal is None:
            invoke_target(target, event, rule, view)
            return
        view = view or eventbridge._pattern_event_view(event)
        _send_to_dead_letters(target, rule, json.dumps(view.event_with_detail()), refusal)

    eventbridge._invoke_target = invoke_permitted
