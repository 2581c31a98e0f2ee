"""A rule delivers to no event bus of another account or region, and what it cannot deliver to a bus vanishes.

AWS delivers to such a bus. In another account, its policy must allow the sender's account
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-cross-account.html). If it does not, or if there is no such
bus, the event goes to the target's dead-letter queue without a retry
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html). The conditions of the policy and the role of
the target are not evaluated.
"""

import json
from typing import Any

from ministack.core.arn import parse_arn
from ministack.core.responses import request_scope
from ministack.services import eventbridge

from ..dead_letters import as_list, as_map, send_to_dead_letters


def apply() -> None:
    """Asks the bus first, and delivers from its account and region. Other kinds of target are left alone."""
    invoke_target = eventbridge._invoke_target

    def invoke_allowed(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        if not (target["Arn"].startswith("arn:aws:events:") and ":event-bus/" in target["Arn"]):
            invoke_target(target, event, rule, view)
            return
        view = view or eventbridge._pattern_event_view(event)
        sender = eventbridge.get_account_id()
        bus = parse_arn(target["Arn"])
        with request_scope(bus.account_id, bus.region):
            refusal = _refusal(bus.resource.removeprefix("event-bus/"), sender, target["Arn"])
            if refusal is None:
                invoke_target(target, event, rule, view)
                return
        facts = {"ERROR_CODE": refusal[0], "ERROR_MESSAGE": refusal[1]}
        send_to_dead_letters(target, rule, json.dumps(view.event_with_detail()), facts)

    eventbridge._invoke_target = invoke_allowed


def _refusal(name: str, sender: str, arn: str) -> tuple[str, str] | None:
    """Why the bus of the current account takes nothing from the sender, as an error code and a message."""
    # ministack makes the default bus when it is first needed.
    eventbridge._ensure_default_bus()
    if name not in eventbridge._event_buses:
        return "NO_RESOURCE", f"The event bus {arn} does not exist."
    statements = (eventbridge._event_bus_policies.get(name) or {}).get("Statement", [])
    if sender != eventbridge.get_account_id() and not any(_allows(statement, sender) for statement in statements):
        return "NO_PERMISSIONS", f"The policy of {arn} does not let the account {sender} put events on it."
    return None


def _allows(statement: dict[str, Any], account: str) -> bool:
    principal = statement.get("Principal")
    principals = as_list(as_map(principal).get("AWS", principal))
    return (
        statement["Effect"] == "Allow"
        and "events:PutEvents" in as_list(statement.get("Action"))
        and bool({"*", account, f"arn:aws:iam::{account}:root"} & set(principals))
    )
