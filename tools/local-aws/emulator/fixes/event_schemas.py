"""The schema registry of EventBridge is missing: registries and schemas cannot be deployed.

Here they are kept, and DescribeSchema and ListSchemas show them. What AWS rejects is rejected: a schema in a registry that does not
exist, one that is there already, a text that is not JSON or has more than 100,000 characters, a description of more than 256
(https://docs.aws.amazon.com/eventbridge/latest/schema-reference/v1-registries-name-registryname-schemas-name-schemaname.html).
Code bindings are not made.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from ministack import app
from ministack.core import router
from ministack.core.responses import AccountRegionScopedDict, get_account_id, get_region
from ministack.services.cloudformation import provisioners

MAX_CONTENT = 100_000
MAX_DESCRIPTION = 256
TYPES = {"OpenApi3", "JSONSchemaDraft4"}

# The schemas of each registry, by its name.
_registries: Any = AccountRegionScopedDict()


def apply() -> None:
    """Adds the resources and the calls."""
    provisioners._RESOURCE_HANDLERS["AWS::EventSchemas::Registry"] = {
        "create": _create_registry,
        "update": lambda physical_id, _old, _new, *_others: (physical_id, _registry_attributes(_name_in(physical_id))),
        "delete": lambda physical_id, _props: _registries.pop(_name_in(physical_id), None),
    }
    provisioners._RESOURCE_HANDLERS["AWS::EventSchemas::Schema"] = {
        "create": _create_schema,
        "update": _update_schema,
        "delete": _delete_schema,
    }
    router.SERVICE_PATTERNS["schemas"] = {}
    app.SERVICE_HANDLERS["schemas"] = _handle_request


def _arn(resource: str) -> str:
    return f"arn:aws:schemas:{get_region()}:{get_account_id()}:{resource}"


def _name_in(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]


def _registry_attributes(name: str) -> dict[str, str]:
    return {"RegistryName": name, "RegistryArn": _arn(f"registry/{name}")}


def _create_registry(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    name = props.get("RegistryName") or provisioners._physical_name(stack_name, logical_id, max_len=64)
    if name in _registries:
        raise ValueError(f"ConflictException: the registry {name} exists already")
    _registries[name] = {}
    return _arn(f"registry/{name}"), _registry_attributes(name)


def _create_schema(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
    name = props.get("SchemaName") or provisioners._physical_name(stack_name, logical_id, max_len=385)
    registry = props["RegistryName"]
    if registry not in _registries:
        raise ValueError(f"NotFoundException: the registry {registry} does not exist")
    if name in _registries[registry]:
        raise ValueError(f"ConflictException: the schema {name} exists already")
    return _put_schema(registry, name, props, 1)


def _update_schema(physical_id: str, old: dict[str, Any], new: dict[str, Any], *_others: Any) -> tuple[str, dict[str, str]]:
    registry, name = new["RegistryName"], _name_in(physical_id)
    version = int(_registries[registry][name]["SchemaVersion"])
    return _put_schema(registry, name, new, version + (old["Content"] != new["Content"]))


def _put_schema(registry: str, name: str, props: dict[str, Any], version: int) -> tuple[str, dict[str, str]]:
    content, description = props["Content"], props.get("Description", "")
    if props["Type"] not in TYPES or len(content) > MAX_CONTENT or len(description) > MAX_DESCRIPTION or not _is_object(content):
        raise ValueError(f"BadRequestException: the schema {name} is not one of {', '.join(sorted(TYPES))} within the limits")
    arn = _arn(f"schema/{registry}/{name}")
    _registries[registry][name] = {
        "SchemaName": name,
        "SchemaArn": arn,
        "SchemaVersion": str(version),
        "Type": props["Type"],
        "Description": description,
        "Content": content,
    }
    return arn, {"SchemaName": name, "SchemaArn": arn, "SchemaVersion": str(version)}


def _is_object(content: str) -> bool:
    try:
        return isinstance(json.loads(content), dict)
    except ValueError:
        return False


def _delete_schema(physical_id: str, props: dict[str, Any]) -> None:
    _registries.get(props["RegistryName"], {}).pop(_name_in(physical_id), None)


async def _handle_request(method: str, path: str, headers: Any, body: Any, query_params: Any) -> Any:
    del headers, body, query_params
    found = re.fullmatch(r"/v1/registries/name/([^/]+)/schemas(?:/name/([^/]+))?", path)
    if method != "GET" or found is None:
        return _answer(400, {"Code": "BadRequestException", "Message": f"{method} {path} is not known here"})
    registry, name = (part and unquote(part) for part in found.groups())
    schemas = _registries.get(registry)
    if schemas is None or (name is not None and name not in schemas):
        return _answer(404, {"Code": "NotFoundException", "Message": f"{path} does not exist"})
    if name is not None:
        return _answer(200, schemas[name])
    summaries = [{key: schema[key] for key in ("SchemaName", "SchemaArn")} for schema in schemas.values()]
    return _answer(200, {"Schemas": summaries})


def _answer(status: int, content: dict[str, Any]) -> Any:
    return status, {"Content-Type": "application/json"}, json.dumps(content).encode()
