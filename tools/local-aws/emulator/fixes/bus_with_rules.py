"""An event bus can be deleted while it has rules, which vanish with it.

AWS refuses (`DeleteEventBus` answers ValidationException, as reported in hashicorp/terraform-provider-aws#22131), so a rule on a
bus protects the bus.
"""

from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

MESSAGE = "EventBus can't be deleted since it has rules."


def _has_rules(bus: str) -> bool:
    return any(rule.get("EventBusName") == bus for rule in eventbridge._rules.values())


def apply() -> None:
    """Looks for rules first, for the API and for templates."""
    delete_event_bus = eventbridge._delete_event_bus

    def delete_empty(data: dict[str, Any]) -> Any:
        if _has_rules(data.get("Name", "")):
            return eventbridge.error_response_json("ValidationException", MESSAGE, 400)
        return delete_event_bus(data)

    eventbridge._delete_event_bus = delete_empty

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Events::EventBus"]
    delete = handlers["delete"]

    def delete_resource(physical_id: str, props: dict[str, Any]) -> None:
        if _has_rules(physical_id):
            raise ValueError(MESSAGE)
        delete(physical_id, props)

    handlers["delete"] = delete_resource
