"""A function's ReservedConcurrentExecutions is read from a template and dropped.

With it, invocations beyond the reservation are throttled, as on AWS.
"""

from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Hands the value to the Lambda API's own setting, after creation and after every update."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]

    def reserve(name: str, props: dict[str, Any]) -> None:
        reserved = props.get("ReservedConcurrentExecutions")
        lambda_svc._functions[name]["concurrency"] = None if reserved is None else int(reserved)

    def create_reserved(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name, attributes = create(logical_id, props, stack_name)
        reserve(name, props)
        return name, attributes

    def update_reserved(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **named: Any
    ) -> tuple[str, dict[str, str]]:
        name, attributes = update(physical_id, old, new, *rest, **named)
        reserve(name, new)
        return name, attributes

    handlers.update({"create": create_reserved, "update": update_reserved})
