"""The API key of a connection has any length.

AWS takes 512 characters at most (`ApiKeyValue` in
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnectionApiKeyAuthRequestParameters.html).
"""

from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

MAX_CHARACTERS = 512
MESSAGE = (
    "1 validation error detected: Value at 'authParameters.apiKeyAuthParameters.apiKeyValue' failed to satisfy constraint: "
    f"Member must have length less than or equal to {MAX_CHARACTERS}"
)


def _is_too_long(data: dict[str, Any]) -> bool:
    api_key = (data.get("AuthParameters") or {}).get("ApiKeyAuthParameters") or {}
    return len(api_key.get("ApiKeyValue") or "") > MAX_CHARACTERS


def apply() -> None:
    """Measures the key first, for the API and for templates."""
    for name in ("_create_connection", "_update_connection"):
        setattr(eventbridge, name, _measured(getattr(eventbridge, name)))

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Events::Connection"]
    create, update = handlers["create"], handlers["update"]

    def create_measured(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _refuse_too_long(props)
        return create(logical_id, props, stack_name)

    def update_measured(physical_id: str, old: dict[str, Any], new: dict[str, Any], *others: Any) -> Any:
        _refuse_too_long(new)
        return update(physical_id, old, new, *others)

    handlers.update({"create": create_measured, "update": update_measured})


def _refuse_too_long(props: dict[str, Any]) -> None:
    if _is_too_long(props):
        raise ValueError(MESSAGE)


def _measured(call: Any) -> Any:
    def measured(data: dict[str, Any]) -> Any:
        if _is_too_long(data):
            return eventbridge.error_response_json("ValidationException", MESSAGE, 400)
        return call(data)

    return measured
