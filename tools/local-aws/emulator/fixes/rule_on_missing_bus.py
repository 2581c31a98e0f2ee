"""A template can make a rule on an event bus that does not exist.

AWS refuses it, as ministack's own PutRule does.
"""

from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Looks for the bus first."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]
    create = handlers["create"]

    def create_on_bus(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        # ministack makes the default bus when it is first needed.
        eventbridge._ensure_default_bus()
        bus = provisioners._eb_rule_bus_name(props)
        if bus not in eventbridge._event_buses:
            raise ValueError(f"Event bus {bus} does not exist.")
        created: tuple[str, dict[str, str]] = create(logical_id, props, stack_name)
        return created

    handlers["create"] = create_on_bus
