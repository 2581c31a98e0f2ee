"""Secrets Manager: any prefix of a secret's ARN finds the secret

AWS takes the ARN without its last hyphen and six characters, and no other part of it (`SecretId` in
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html). In ministack, a wrong secret can be found.
"""

from upstream.aws import Aws, outcome

AWS = ["taken", "ResourceNotFoundException"]


def observe(aws: Aws) -> object:
    """Reads a secret by its ARN without the suffix, and by a shorter part."""
    secrets = aws.client("secretsmanager")
    arn = secrets.create_secret(Name=aws.name(), SecretString="value")["ARN"]
    return [outcome(secrets.get_secret_value, SecretId=part) for part in (arn[:-7], arn[:-9])]
