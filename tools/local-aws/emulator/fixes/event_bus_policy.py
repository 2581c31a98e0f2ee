"""CloudFormation does not know AWS::Events::EventBusPolicy.

The policy of a bus is there, by PutPermission, but not with a statement of one's own, which a template may give
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html).
"""

from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Keeps one statement of the bus's policy for each resource."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::EventBusPolicy"] = {
        "create": lambda _logical_id, props, _stack_name: _put(props),
        "update": lambda _physical_id, _old, new, *_others: _put(new),
        "delete": lambda _physical_id, props: eventbridge._remove_permission(props),
    }


def _put(props: dict[str, Any]) -> tuple[str, dict[str, str]]:
    eventbridge._put_permission(props)
    bus, statement_id = props.get("EventBusName", "default"), props["StatementId"]
    if "Statement" in props:
        policy = eventbridge._event_bus_policies[bus]
        others = [statement for statement in policy["Statement"] if statement["Sid"] != statement_id]
        policy["Statement"] = [*others, {**props["Statement"], "Sid": statement_id}]
    return f"{bus}|{statement_id}", {}
