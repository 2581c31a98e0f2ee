"""CloudWatch Logs: AWS::Logs::QueryDefinition and DescribeQueryDefinitions are not supported

A saved query of Logs Insights can be neither deployed nor listed
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutQueryDefinition.html).
"""

from upstream.aws import Aws

AWS = ["CREATE_COMPLETE", ["fields @message"]]


def observe(aws: Aws) -> object:
    """Deploys a saved query, and lists it."""
    name = aws.name()
    properties = {"Name": name, "QueryString": "fields @message"}
    status = aws.deploy({"Query": {"Type": "AWS::Logs::QueryDefinition", "Properties": properties}})["status"]
    found = aws.client("logs").describe_query_definitions(queryDefinitionNamePrefix=name)["queryDefinitions"]
    return [status, [query["queryString"] for query in found]]
