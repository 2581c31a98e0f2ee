"""CloudFormation does not know AWS::Events::Archive.

The service behind it is there: it archives and replays.
"""

import json
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Puts the actions of the service behind the resource type. `Ref` is the archive's name, as on AWS."""
    provisioners._RESOURCE_HANDLERS["AWS::Events::Archive"] = {
        "create": lambda logical_id, props, stack_name: _call(
            eventbridge._create_archive,
            props.get("ArchiveName") or provisioners._physical_name(stack_name, logical_id, max_len=48),
            props,
        ),
        "update": lambda physical_id, _old, new, *_others: _call(eventbridge._update_archive, physical_id, new),
        "delete": lambda physical_id, _props: eventbridge._delete_archive({"ArchiveName": physical_id}),
    }


def _call(action: Any, name: str, props: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """A template names the source otherwise than the API, and has the pattern as an object."""
    retention = int(props.get("RetentionDays", 0))
    request = {**props, "ArchiveName": name, "EventSourceArn": props["SourceArn"], "RetentionDays": retention}
    if "EventPattern" in props:
        request["EventPattern"] = json.dumps(props["EventPattern"])
    status, _, body = action(request)
    answer: dict[str, Any] = json.loads(body)
    if status >= 400:
        raise ValueError(f"{answer.get('__type')}: {answer.get('message')}")
    return name, {"Arn": answer["ArchiveArn"]}
