"""CloudWatch: PutDashboard takes any body

AWS answers InvalidParameterInput to a body that is not a dashboard, such as one with a widget of an unknown type
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html).
"""

from upstream.aws import Aws, outcome

AWS = ["taken", "InvalidParameterInput"]


def observe(aws: Aws) -> object:
    """Puts a dashboard with a text, and one with a widget of no known type."""
    bodies = ['{"widgets":[{"type":"text","properties":{"markdown":"a"}}]}', '{"widgets":[{"type":"none","properties":{}}]}']
    put = aws.client("cloudwatch").put_dashboard
    return [outcome(put, DashboardName=aws.name(), DashboardBody=body) for body in bodies]
