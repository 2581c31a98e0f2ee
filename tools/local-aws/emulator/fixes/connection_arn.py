"""A call about a connection is authorized as if it were about a rule of that name.

So a policy that names the connection does not allow it.
"""

from typing import Any

from ministack.core import iam_actions


def apply() -> None:
    """Names the connection where ministack names a rule of the default bus."""
    extract = iam_actions.extract_resource_arn

    def extract_connection(
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query_params: dict[str, Any],
        region: str,
        account_id: str,
    ) -> str:
        arn: str = extract(service, method, path, headers, body, query_params, region, account_id)
        if service == "events" and headers.get("x-amz-target", "").endswith("Connection"):
            return arn.replace(":rule/default/", ":connection/")
        return arn

    iam_actions.extract_resource_arn = extract_connection
