"""CloudFormation: Ref of AWS::SecretsManager::Secret is its name

On AWS it is its ARN
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html). IAM policies
with `Ref` as their resource, as the CDK writes them, allow nothing in ministack.
"""

from upstream.aws import Aws

AWS = "arn"


def observe(aws: Aws) -> object:
    """Deploys a secret, with its Ref as an output."""
    secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "value"}}
    return aws.deploy({"Secret": secret}, {"Ref": {"Ref": "Secret"}})["Ref"].split(":")[0]
