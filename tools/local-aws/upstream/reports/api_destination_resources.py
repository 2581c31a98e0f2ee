"""CloudFormation: AWS::Events::Connection and AWS::Events::ApiDestination are not supported

The service has both, but a template cannot ask for them: the deployment fails with an unsupported resource type.
"""

from upstream.aws import Aws

AWS = ["CREATE_COMPLETE", "API_KEY"]


def observe(aws: Aws) -> object:
    """Deploys both, and describes the connection."""
    name = aws.name()
    api_key = {"ApiKeyName": "Authorization", "ApiKeyValue": "key"}
    connection = {
        "Type": "AWS::Events::Connection",
        "Properties": {"Name": name, "AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": api_key}},
    }
    destination = {
        "Type": "AWS::Events::ApiDestination",
        "Properties": {
            "ConnectionArn": {"Fn::GetAtt": ["Connection", "Arn"]},
            "HttpMethod": "POST",
            "InvocationEndpoint": "https://example.com",
        },
    }
    stack = aws.deploy({"Connection": connection, "Destination": destination})
    return [stack["status"], aws.client("events").describe_connection(Name=name)["AuthorizationType"]]
