"""EventBridge: an API destination is called once, and a failed event does not reach the dead-letter queue

EventBridge retries 401, 407, 409, 429, 5xx and timeouts, as often as the target's RetryPolicy says, and then sends the event to
the target's DeadLetterConfig (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html,
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html). ministack calls once and drops the event.
"""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from upstream.aws import Aws

AWS = ["3 calls", "ERROR_FROM_TARGET"]


class Failing(BaseHTTPRequestHandler):
    """Answers 503."""

    calls = 0

    def do_POST(self) -> None:
        """Counts."""
        type(self).calls += 1
        self.send_error(503)

    def log_message(self, *_arguments: object) -> None:
        """Says nothing."""


def observe(aws: Aws) -> object:
    """Delivers to an address that answers 503, with two retries."""
    events = aws.client("events")
    handler = type("Counted", (Failing,), {"calls": 0})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    connection = events.create_connection(
        Name=aws.name(),
        AuthorizationType="API_KEY",
        AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "Authorization", "ApiKeyValue": "key"}},
    )
    destination = events.create_api_destination(
        Name=aws.name(),
        ConnectionArn=connection["ConnectionArn"],
        HttpMethod="POST",
        InvocationEndpoint=f"http://127.0.0.1:{server.server_port}/",
    )
    letters_url, letters_arn = aws.queue()
    bus = aws.bus()
    aws.rule(
        bus,
        {
            "Arn": destination["ApiDestinationArn"],
            "RoleArn": aws.role(),
            "RetryPolicy": {"MaximumRetryAttempts": 2},
            "DeadLetterConfig": {"Arn": letters_arn},
        },
    )
    aws.put(bus)
    letters = aws.messages(letters_url)
    server.shutdown()
    codes = [letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in letters]
    return [f"{handler.calls} calls", *codes]
