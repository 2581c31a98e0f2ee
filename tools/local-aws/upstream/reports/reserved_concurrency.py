"""CloudFormation: ReservedConcurrentExecutions of a function is ignored

With 0, Lambda throttles every invocation (https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html).
PutFunctionConcurrency has that effect in ministack, and the property of a template has not.
"""

from upstream.aws import Aws

AWS = "TooManyRequestsException"


def observe(aws: Aws) -> object:
    """Invokes a function that is deployed with no concurrency."""
    name = aws.name()
    properties = {
        "FunctionName": name,
        "Code": {"ZipFile": "def handler(event, context): return 'invoked'"},
        "Runtime": "python3.12",
        "Handler": "index.handler",
        "Role": "arn:aws:iam::000000000000:role/any",
        "ReservedConcurrentExecutions": 0,
    }
    aws.deploy({"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}})
    return aws.invoke(name)
