"""A secret declared without a value gets the empty string as its value.

On AWS such a secret has no version, and reading it fails with ResourceNotFoundException until somebody puts a value:
the state in which a freshly deployed handler finds it.
"""

from typing import Any

from ministack.services import secretsmanager
from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Removes the version that the creation of a valueless secret has made up."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create = handlers["create"]

    def create_without_version(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name, attributes = create(logical_id, props, stack_name)
        if "SecretString" not in props and "GenerateSecretString" not in props:
            secretsmanager._secrets[name]["Versions"].clear()
        return name, attributes

    handlers["create"] = create_without_version
