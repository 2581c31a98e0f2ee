"""A dashboard has any body.

AWS takes a JSON object with at most 500 widgets, each with a type that it knows and a place on the grid of 24 columns, and
answers InvalidParameterInput otherwise:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutDashboard.html and, for the body,
https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html. The rows of metrics are
checked as far as that page describes them: namespace and name, then names and values of dimensions in pairs, then options.
"""

import json
from typing import Any

from ministack.services import cloudwatch

MAX_WIDGETS = 500
MAX_METRICS_A_WIDGET = 500
MAX_METRICS = 2_500
COLUMNS = 24
TYPES = {"metric", "text", "log", "alarm", "explorer", "custom"}


class InvalidBody(ValueError):
    """What is wrong with a body."""


def apply() -> None:
    """Checks it first, for the API and for templates."""
    put, answer = cloudwatch.cloudformation_put_dashboard, cloudwatch._put_dashboard

    def put_checked(name: str, body: str) -> Any:
        _check(body)
        return put(name, body)

    def answer_checked(params: Any, cbor_data: Any, is_cbor: bool, is_json: bool = False) -> Any:
        try:
            return answer(params, cbor_data, is_cbor, is_json)
        except InvalidBody as invalid:
            return cloudwatch._error("InvalidParameterInput", str(invalid), 400, use_json=is_json, use_cbor=is_cbor)

    cloudwatch.cloudformation_put_dashboard = put_checked
    cloudwatch._put_dashboard = answer_checked


def _check(text: str) -> None:
    try:
        body = json.loads(text)
    except ValueError as error:
        raise InvalidBody(f"The field DashboardBody must be a valid JSON object: {error}") from error
    widgets = body.get("widgets") if isinstance(body, dict) else None
    if not isinstance(widgets, list) or len(widgets) > MAX_WIDGETS:
        raise InvalidBody(f"The field widgets must be an array of at most {MAX_WIDGETS}")
    metrics = sum(_check_widget(f"/widgets/{index}", widget) for index, widget in enumerate(widgets))
    if metrics > MAX_METRICS:
        raise InvalidBody(f"The dashboard must have at most {MAX_METRICS} metrics, has {metrics}")


def _check_widget(path: str, widget: Any) -> int:
    """The number of its metrics."""
    if widget.get("type") not in TYPES:
        raise InvalidBody(f"{path}/type must be one of {', '.join(sorted(TYPES))}")
    left, width = widget.get("x", 0), widget.get("width", 6)
    if not 1 <= width <= COLUMNS or left + width > COLUMNS or widget.get("height", 6) < 1:
        raise InvalidBody(f"{path} must be on the grid of {COLUMNS} columns")
    properties = widget.get("properties")
    if not isinstance(properties, dict):
        raise InvalidBody(f"{path}/properties must be an object")
    if widget["type"] == "text" and not isinstance(properties.get("markdown"), str):
        raise InvalidBody(f"{path}/properties/markdown must be a string")
    metrics = properties.get("metrics", [])
    if len(metrics) > MAX_METRICS_A_WIDGET:
        raise InvalidBody(f"{path}/properties/metrics must be at most {MAX_METRICS_A_WIDGET}")
    ids = set[str]()
    for index, row in enumerate(metrics):
        _check_row(f"{path}/properties/metrics/{index}", row, ids)
    return len(metrics)


def _check_row(path: str, row: Any, ids: set[str]) -> None:
    *names, last = row
    options = last if isinstance(last, dict) else {}
    names = names if isinstance(last, dict) else row
    if not all(isinstance(name, str) and name for name in names):
        raise InvalidBody(f"{path} must have names that are not empty")
    if "expression" in options:
        if names:
            raise InvalidBody(f"{path} must have either an expression or a metric")
    elif len(names) < 2 or len(names) % 2:
        raise InvalidBody(f"{path} must have a namespace, a name, and dimensions in pairs")
    identifier = options.get("id")
    if identifier in ids:
        raise InvalidBody(f"{path}/id must be the only {identifier}")
    if identifier is not None:
        ids.add(identifier)
