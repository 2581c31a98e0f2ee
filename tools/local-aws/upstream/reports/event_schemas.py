"""EventBridge: the schema registry is missing

AWS::EventSchemas::Registry and AWS::EventSchemas::Schema cannot be deployed, and the service `schemas` does not answer
(https://docs.aws.amazon.com/eventbridge/latest/schema-reference/what-is-eventbridge-schemas.html).
"""

from upstream.aws import Aws

AWS = ["CREATE_COMPLETE", "1"]


def observe(aws: Aws) -> object:
    """Deploys a registry with a schema, and describes that."""
    registry = {"Type": "AWS::EventSchemas::Registry", "Properties": {"RegistryName": aws.name()}}
    properties = {
        "RegistryName": {"Fn::GetAtt": ["Registry", "RegistryName"]},
        "SchemaName": "Schema",
        "Type": "JSONSchemaDraft4",
        "Content": "{}",
    }
    schema = {"Type": "AWS::EventSchemas::Schema", "Properties": properties}
    status = aws.deploy({"Registry": registry, "Schema": schema})["status"]
    name = registry["Properties"]["RegistryName"]
    return [status, aws.client("schemas").describe_schema(RegistryName=name, SchemaName="Schema")["SchemaVersion"]]
