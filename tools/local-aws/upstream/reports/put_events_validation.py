"""EventBridge: PutEvents accepts events that AWS refuses

AWS answers MalformedDetail for a detail that is not a JSON object, and InvalidArgument for an entry without one of its fields,
inside a 200 (recorded on AWS in tests/aws/services/events/test_events_inputs.snapshot.json and test_events.snapshot.json of
localstack/localstack). A request of more than 1 MB is refused as a whole. (If you correct this: Step Functions' events:putEvents
hands the detail over as an object, which passes only because nothing is checked. On AWS, it is made text first.)
"""

from upstream.aws import Aws, outcome

AWS = ["MalformedDetail", "InvalidArgument", "ValidationException"]


def observe(aws: Aws) -> object:
    """Puts an event with an array as its detail, one without a source, and one that is too large."""
    large = {"Source": "test", "DetailType": "test", "Detail": '{"a":"' + "x" * 1024 * 1024 + '"}'}
    return [
        aws.put("default", Detail="[]").get("ErrorCode"),
        aws.put("default", Source="").get("ErrorCode"),
        outcome(aws.client("events").put_events, Entries=[large]),
    ]
