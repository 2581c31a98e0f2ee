"""A replay gets to all rules of the bus, whatever its `FilterArns` says.

On AWS these are the rules that it gets to
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ReplayDestination.html).
"""

from typing import Any

from ministack.services import eventbridge


def apply() -> None:
    """Leaves out the targets of the other rules of the replay's bus."""
    invoke_target = eventbridge._invoke_target

    def invoke_named(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        # Not those of a bus that the event is forwarded to.
        replay = eventbridge._replays.get(event.get("ReplayName")) or {}
        destination = replay.get("Destination", {"Arn": ""})
        is_of_replay = destination["Arn"].endswith(f":event-bus/{rule.get('EventBusName', 'default')}")
        if is_of_replay and rule["Arn"] not in (destination.get("FilterArns") or [rule["Arn"]]):
            return
        invoke_target(target, event, rule, view)

    eventbridge._invoke_target = invoke_named
