"""An event bus is described by its name only.

AWS takes its ARN as well (`Name` of `DescribeEventBus` in EventBridge's API reference), which is what a parked event names.
"""

from typing import Any

from ministack.services import eventbridge


def apply() -> None:
    """Takes the name from an ARN. What names no bus of this account and region is looked up as it is, and not found."""
    describe_event_bus = eventbridge._describe_event_bus

    def describe(data: dict[str, Any]) -> Any:
        name = data.get("Name", "")
        prefix = f"arn:aws:events:{eventbridge.get_region()}:{eventbridge.get_account_id()}:event-bus/"
        return describe_event_bus({**data, "Name": name.removeprefix(prefix)} if name else data)

    eventbridge._describe_event_bus = describe
