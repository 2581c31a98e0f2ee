"""IAM: with AUTH enabled, policies that ask for aws:SecureTransport deny every call

The endpoint is plain HTTP, and stands in for AWS's, which is HTTPS. So a queue or a bucket that refuses plain HTTP, as `enforceSSL`
of the CDK and its bootstrap bucket do, can be used by nobody. A setting that counts requests as made over TLS would do.
"""

from upstream.aws import ANYBODY, Aws, outcome

AWS = "taken"


def observe(aws: Aws) -> object:
    """Sends to a queue that takes messages only over TLS."""
    url, _ = aws.queue({**ANYBODY, "Condition": {"Bool": {"aws:SecureTransport": "true"}}})
    key = aws.user({"Action": "sns:Publish", "Resource": "*"})
    return outcome(aws.client("sqs", **key).send_message, QueueUrl=url, MessageBody="m")
