"""A rule takes an event pattern, a description and targets of any size and number.

AWS takes a pattern of 2048 characters, unless it has raised that quota, and five targets
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html), and a description of 512 characters
(https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html).
"""

import json
from typing import Any

from ministack.services import eventbridge
from ministack.services.cloudformation import provisioners

MAX_PATTERN_CHARACTERS = 2048
MAX_DESCRIPTION_CHARACTERS = 512
MAX_TARGETS = 5

Defect = tuple[str, str]


def _defect(rule: dict[str, Any]) -> Defect | None:
    """What is wrong with a rule: of the API, whose pattern is text, or of a template."""
    pattern = rule.get("EventPattern") or ""
    written = pattern if isinstance(pattern, str) else json.dumps(pattern, separators=(",", ":"), ensure_ascii=False)
    if len(written) > MAX_PATTERN_CHARACTERS:
        return "LimitExceededException", f"The event pattern has more than {MAX_PATTERN_CHARACTERS} characters."
    if len(rule.get("Description") or "") > MAX_DESCRIPTION_CHARACTERS:
        limit = f"Member must have length less than or equal to {MAX_DESCRIPTION_CHARACTERS}"
        return "ValidationException", f"Value at 'description' failed to satisfy constraint: {limit}"
    return _defect_of_targets(rule.get("Targets") or [])


def _defect_of_targets(targets: list[dict[str, Any]]) -> Defect | None:
    if len({target.get("Id") for target in targets}) > MAX_TARGETS:
        return "LimitExceededException", f"The rule has more than {MAX_TARGETS} targets."
    return None


def apply() -> None:
    """Measures first, for the API and for templates."""
    put_rule, put_targets = eventbridge._put_rule, eventbridge._put_targets

    def put_measured_rule(data: dict[str, Any]) -> Any:
        defect = _defect(data)
        return eventbridge.error_response_json(*defect, 400) if defect else put_rule(data)

    def put_counted_targets(data: dict[str, Any]) -> Any:
        key = eventbridge._rule_key(data.get("Rule"), data.get("EventBusName", "default"))
        defect = _defect_of_targets([*eventbridge._targets.get(key, []), *data.get("Targets", [])])
        return eventbridge.error_response_json(*defect, 400) if defect else put_targets(data)

    eventbridge._put_rule, eventbridge._put_targets = put_measured_rule, put_counted_targets

    handlers = provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]
    create, update = handlers["create"], handlers["update"]

    def create_measured(logical_id: str, props: dict[str, Any], stack_name: str) -> Any:
        _refuse(props)
        return create(logical_id, props, stack_name)

    def update_measured(physical_id: str, old: dict[str, Any], new: dict[str, Any], *others: Any, **more: Any) -> Any:
        _refuse(new)
        return update(physical_id, old, new, *others, **more)

    handlers.update({"create": create_measured, "update": update_measured})


def _refuse(props: dict[str, Any]) -> None:
    defect = _defect(props)
    if defect:
        raise ValueError(": ".join(defect))
