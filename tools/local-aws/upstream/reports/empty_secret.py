"""CloudFormation: a secret without SecretString gets the empty string as its value

On AWS such a secret has no version, and GetSecretValue answers ResourceNotFoundException until a value is put
(https://github.com/boto/boto3/issues/2794 has the answer). ministack answers an empty string.
"""

from upstream.aws import Aws, outcome

AWS = "ResourceNotFoundException"


def observe(aws: Aws) -> object:
    """Deploys a secret without a value, and reads it."""
    name = aws.name()
    aws.deploy({"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": name}}})
    return outcome(aws.client("secretsmanager").get_secret_value, SecretId=name)
