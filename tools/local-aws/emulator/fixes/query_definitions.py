"""A saved query of Logs Insights cannot be deployed, and not be listed.

Here it is kept, and DescribeQueryDefinitions shows it. As on AWS, its name is needed and its log groups must exist:
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html. It is never run.
"""

import json
import uuid
from typing import Any

from ministack.core.responses import AccountRegionScopedDict
from ministack.services import cloudwatch_logs
from ministack.services.cloudformation import provisioners

_definitions: Any = AccountRegionScopedDict()


def apply() -> None:
    """Adds the resource and the call."""
    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": lambda _logical_id, props, _stack_name: (_put(str(uuid.uuid4()), props), {}),
        "update": lambda physical_id, _old, props, *_others: (_put(physical_id, props), {}),
        "delete": lambda physical_id, _props: _definitions.pop(physical_id, None),
    }
    handle = cloudwatch_logs.handle_request

    async def handle_request(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
        if headers.get("x-amz-target", "").endswith(".DescribeQueryDefinitions"):
            return _describe(json.loads(body or "{}"))
        return await handle(method, path, headers, body, query_params)

    cloudwatch_logs.handle_request = handle_request


def _put(identifier: str, props: dict[str, Any]) -> str:
    groups = props.get("LogGroupNames", [])
    missing = [group for group in groups if group not in cloudwatch_logs._log_groups]
    if not props.get("Name") or not props.get("QueryString") or missing:
        raise ValueError(f"ResourceNotFoundException: a query needs Name, QueryString and log groups that exist, not {missing}")
    _definitions[identifier] = {
        "queryDefinitionId": identifier,
        "name": props["Name"],
        "queryString": props["QueryString"],
        "logGroupNames": groups,
    }
    return identifier


def _describe(data: dict[str, Any]) -> Any:
    prefix = data.get("queryDefinitionNamePrefix", "")
    found = [definition for definition in _definitions.values() if definition["name"].startswith(prefix)]
    return cloudwatch_logs.json_response({"queryDefinitions": found})
