"""Any prefix of a secret's ARN finds the secret.

AWS takes the ARN without its last hyphen and six characters. An ARN that ends in a hyphen and six characters counts as
complete, even where these are part of the name (`SecretId` in
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html).
"""

import re
from typing import Any

from ministack.services import secretsmanager

SUFFIX = re.compile(r"-[A-Za-z0-9]{6}$")


def apply() -> None:
    """Looks up the name that a partial ARN ends in, and compares the whole ARN."""
    resolve = secretsmanager._resolve

    def resolve_as_aws(secret_id: str, **options: Any) -> tuple[Any, Any]:
        found = resolve(secret_id, **options)
        if not (secret_id or "").startswith("arn:") or (found[1] or {}).get("ARN") == secret_id:
            return found
        key, secret = (None, None) if SUFFIX.search(secret_id) else resolve(secret_id.partition(":secret:")[2])
        return (key, secret) if secret and SUFFIX.sub("", secret["ARN"]) == secret_id else (None, None)

    secretsmanager._resolve = resolve_as_aws
