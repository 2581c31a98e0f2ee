"""CloudFormation does not know AWS::Events::Connection and AWS::Events::ApiDestination.

The services behind them are there: a template just cannot ask for them.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

Action = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


def _call(action: Action, request: dict[str, Any]) -> dict[str, Any]:
    status, _, body = action(request)
    answer: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"{answer.get('__type')}: {answer.get('message')}")
    return answer


def _handlers(create: Action, update: Action, delete: Action, arn: str) -> dict[str, Any]:
    """The provisioner of a type whose physical id is its name, and whose ARN the service answers as `arn`."""

    def request(name: str, props: dict[str, Any]) -> dict[str, Any]:
        limit = props.get("InvocationRateLimitPerSecond")
        # A template's numbers may be strings.
        numbers = {} if limit is None else {"InvocationRateLimitPerSecond": int(limit)}
        return {**props, "Name": name, **numbers}

    def attributes(answer: dict[str, Any]) -> dict[str, str]:
        # ministack keeps a connection's credentials in no secret. A policy can name it anyway.
        secret = answer[arn].replace(":events:", ":secretsmanager:").replace(":connection/", ":secret:events!connection/")
        return {"Arn": answer[arn], "ArnForPolicy": answer[arn], "SecretArn": secret}

    def create_named(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name = props.get("Name") or provisioners._physical_name(stack_name, logical_id, max_len=64)
        return name, attributes(_call(create, request(name, props)))

    def update_named(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
    ) -> tuple[str, dict[str, str]]:
        del old, stack_name, logical_id
        return physical_id, attributes(_call(update, request(physical_id, new)))

    def delete_named(physical_id: str, props: dict[str, Any]) -> None:
        del props
        delete({"Name": physical_id})

    return {"create": create_named, "update": update_named, "delete": delete_named}


def apply() -> None:
    """Puts the actions of the service behind the resource types."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::Connection"] = _handlers(
        eventbridge._create_connection,
        eventbridge._update_connection,
        eventbridge._delete_connection,
        "ConnectionArn",
    )
    provisioners._RESOURCE_HANDLERS["AWS::Events::ApiDestination"] = _handlers(
        eventbridge._create_api_destination,
        eventbridge._update_api_destination,
        eventbridge._delete_api_destination,
        "ApiDestinationArn",
    )
