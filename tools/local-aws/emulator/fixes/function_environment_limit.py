"""The environment variables of a function have any size.

AWS takes 4 KB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and measures them as JSON: the answer
quotes the "string measured".
"""

import json
from typing import Any

from ministack.services.cloudformation import provisioners

MAX_BYTES = 4096


def apply() -> None:
    """Measures them first. For templates, which is how everything here is deployed."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]

    def create_measured(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _refuse_too_large(props)
        return create(logical_id, props, stack_name)

    def update_measured(physical_id: str, old: dict[str, Any], new: dict[str, Any], *others: Any) -> Any:
        _refuse_too_large(new)
        return update(physical_id, old, new, *others)

    handlers.update({"create": create_measured, "update": update_measured})


def _refuse_too_large(props: dict[str, Any]) -> None:
    variables = (props.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) > MAX_BYTES:
        raise ValueError(
            "InvalidParameterValueException: Lambda was unable to configure your environment variables because the "
            f"environment variables you have provided exceeded the 4KB limit. String measured: {measured}"
        )
