"""CloudFormation: AWS::Events::EventBusPolicy is not supported

A template can give a bus a statement of its policy
(https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-events-eventbuspolicy.html).
"""

import json

from upstream.aws import Aws

AWS = ["CREATE_COMPLETE", ["events:PutEvents"]]


def observe(aws: Aws) -> object:
    """Deploys a statement, and reads the policy of the bus."""
    bus = aws.bus()
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "222222222222"},
        "Action": "events:PutEvents",
        "Resource": f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}",
    }
    properties = {"EventBusName": bus, "StatementId": "sender", "Statement": statement}
    status = aws.deploy({"Policy": {"Type": "AWS::Events::EventBusPolicy", "Properties": properties}})["status"]
    policy = json.loads(aws.client("events").describe_event_bus(Name=bus).get("Policy") or '{"Statement":[]}')
    return [status, [one["Action"] for one in policy["Statement"]]]
