"""CloudFormation: an alarm on a metric math expression cannot be deployed

AWS::CloudWatch::Alarm has `Metrics` for expressions
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html). ministack fails the
deployment.
"""

from upstream.aws import Aws

AWS = "CREATE_COMPLETE"


def observe(aws: Aws) -> object:
    """Deploys an alarm on an expression of one metric."""
    metric = {"Namespace": "N", "MetricName": "M"}
    properties = {
        "ComparisonOperator": "GreaterThanThreshold",
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "Metrics": [
            {"Id": "e", "Expression": "m + 1"},
            {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, "ReturnData": False},
        ],
    }
    return aws.deploy({"Alarm": {"Type": "AWS::CloudWatch::Alarm", "Properties": properties}})["status"]
