"""The environment variables of a function have any size.

AWS takes 4 KB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and measures them as JSON: the answer
quotes the "string measured".
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

MAX_BYTES = 4096
CODE = "InvalidParameterValueException"


def apply() -> None:
    """Measures them first, for templates and for the API."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Lambda::Function"]
    create, update = handlers["create"], handlers["update"]

    def create_measured(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _fail_if_too_large(props)
        return create(logical_id, props, stack_name)

    def update_measured(physical_id: str, old: dict[str, Any], new: dict[str, Any], *others: Any) -> Any:
        _fail_if_too_large(new)
        return update(physical_id, old, new, *others)

    handlers.update({"create": create_measured, "update": update_measured})
    lambda_svc._create_function = _measured(lambda_svc._create_function)
    lambda_svc._update_config = _measured(lambda_svc._update_config)


def _measured(action: Callable[..., Any]) -> Callable[..., Any]:
    """An action of the API whose last argument is the request."""

    def call(*args: Any) -> Any:
        message = _excess(args[-1])
        return lambda_svc.error_response_json(CODE, message, 400) if message else action(*args)

    return call


def _fail_if_too_large(props: dict[str, Any]) -> None:
    message = _excess(props)
    if message:
        raise ValueError(f"{CODE}: {message}")


def _excess(props: dict[str, Any]) -> str | None:
    """What AWS says of variables that are too large."""
    variables = (props.get("Environment") or {}).get("Variables") or {}
    measured = json.dumps(variables, separators=(",", ":"), ensure_ascii=False)
    if len(measured.encode()) <= MAX_BYTES:
        return None
    return (
        "Lambda was unable to configure your environment variables because the environment variables you have provided "
        f"exceeded the 4KB limit. String measured: {measured}"
    )
