"""IAM: the condition keys of PutEvents are missing

`events:source` and `events:detail-type` are those of the entries
(https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html). ministack evaluates PutEvents without them, so
that a policy with such a condition allows nothing.
"""

from upstream.aws import Aws, outcome

AWS = ["taken", "AccessDeniedException"]


def observe(aws: Aws) -> object:
    """Puts events of the source that a user may use, and of another."""
    condition = {"StringEquals": {"events:source": "test"}}
    key = aws.user({"Action": "events:PutEvents", "Resource": "*", "Condition": condition})
    put = aws.client("events", **key).put_events
    return [outcome(put, Entries=[{"Source": source, "DetailType": "d", "Detail": "{}"}]) for source in ("test", "other")]
