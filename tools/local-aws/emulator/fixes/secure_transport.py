"""Every request counts as made without TLS, since the local endpoint is plain HTTP.

It stands in for AWS's HTTPS endpoints, so a queue or bucket that refuses plain HTTP (as `enforceSSL` makes it) must not
refuse it.
"""

import contextvars

from ministack import app
from ministack.core import iam_evaluator


def apply() -> None:
    """Reports every request as made over TLS to the evaluation of policies."""
    pin = app.pin_request_origin

    def pin_as_secure(source_ip: str, secure_transport: bool) -> None:
        del secure_transport
        pin(source_ip, True)

    app.pin_request_origin = pin_as_secure
    # A replay runs in a thread of its own, outside of any request.
    default = ("127.0.0.1", True)
    iam_evaluator._request_origin = contextvars.ContextVar("request_origin", default=default)
