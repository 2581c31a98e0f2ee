"""Lambda: a function takes environment variables of any size

Lambda takes 4 KB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html), and refuses more with
InvalidParameterValueException. ministack takes such a function, from a template and by CreateFunction.
"""

from upstream.aws import Aws

AWS = [True, False]


def observe(aws: Aws) -> object:
    """Deploys a function with variables of 4,096 bytes as JSON, and one with a byte more. Answers what was deployed."""

    def is_deployed(characters: int) -> bool:
        properties = {
            "Code": {"ZipFile": "def handler(event, context): pass"},
            "Runtime": "python3.12",
            "Handler": "index.handler",
            "Role": "arn:aws:iam::000000000000:role/any",
            "Environment": {"Variables": {"A": "x" * (characters - len('{"A":""}'))}},
        }
        stack = aws.deploy({"Function": {"Type": "AWS::Lambda::Function", "Properties": properties}})
        return bool(stack["status"] == "CREATE_COMPLETE")

    return [is_deployed(4096), is_deployed(4097)]
