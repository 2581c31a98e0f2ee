"""`Ref` of a secret is its name.

On AWS it is its ARN, and the IAM policies that the CDK writes rely on it: with a name as resource they allow nothing.
"""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners

Attributes = dict[str, str]


def apply() -> None:
    """Makes the ARN the secret's physical id, and hands ministack's own functions the name they expect."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def name_of(physical_id: str) -> str:
        key, _ = secretsmanager._resolve(physical_id)
        return key or physical_id

    def create_with_arn(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, Attributes]:
        _, attributes = create(logical_id, props, stack_name)
        return attributes["Arn"], attributes

    def update_by_arn(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str, logical_id: str | None = None
    ) -> tuple[str, Attributes]:
        _, attributes = update(name_of(physical_id), old, new, stack_name, logical_id)
        return attributes["Arn"], attributes

    def delete_by_arn(physical_id: str, props: dict[str, Any]) -> None:
        delete(name_of(physical_id), props)

    handlers.update({"create": create_with_arn, "update": update_by_arn, "delete": delete_by_arn})
