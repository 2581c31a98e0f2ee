"""CloudFormation: a rule can be made on an event bus that does not exist

PutRule refuses it, on AWS (ResourceNotFoundException in
https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html) and in ministack. AWS::Events::Rule does not.
"""

from upstream.aws import Aws

AWS = "not deployed"


def observe(aws: Aws) -> object:
    """Deploys a rule on a bus that is not there."""
    properties = {"EventBusName": aws.name(), "EventPattern": {"source": ["test"]}}
    status = aws.deploy({"Rule": {"Type": "AWS::Events::Rule", "Properties": properties}})["status"]
    return "deployed" if status == "CREATE_COMPLETE" else "not deployed"
