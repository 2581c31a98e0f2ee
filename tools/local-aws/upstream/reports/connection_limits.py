"""EventBridge: CreateConnection takes an API key of any length

AWS takes at most 512 characters (`ApiKeyValue` in
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_CreateConnectionApiKeyAuthRequestParameters.html).
"""

from upstream.aws import Aws, outcome

AWS = ["taken", "ValidationException"]


def observe(aws: Aws) -> object:
    """Creates a connection with a key of 512 characters, and one with 513."""
    return [
        outcome(
            aws.client("events").create_connection,
            Name=aws.name(),
            AuthorizationType="API_KEY",
            AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": "k" * characters}},
        )
        for characters in (512, 513)
    ]
