"""IAM: calls about an EventBridge connection are authorized as if they were about a rule of that name

The resource of DescribeConnection and its like is the connection
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html). ministack evaluates them for
`rule/default/NAME`, so that a policy which names the connection allows nothing.
"""

from upstream.aws import Aws, outcome

AWS = "taken"


def observe(aws: Aws) -> object:
    """Describes a connection, as a user who may describe just that one."""
    name = aws.name()
    aws.client("events").create_connection(
        Name=name,
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": "key"}},
    )
    resource = f"arn:aws:events:us-east-1:000000000000:connection/{name}*"
    key = aws.user({"Action": "events:DescribeConnection", "Resource": resource})
    return outcome(aws.client("events", **key).describe_connection, Name=name)
