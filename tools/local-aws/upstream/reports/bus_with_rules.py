"""EventBridge: DeleteEventBus deletes a bus that has rules

AWS refuses it: ValidationException "EventBus can't be deleted since it has rules."
(recorded in https://github.com/hashicorp/terraform-provider-aws/issues/22131 and https://github.com/anomalyco/sst/issues/4325).
ministack deletes the bus, with its rules.
"""

from upstream.aws import Aws, outcome

AWS = "ValidationException"


def observe(aws: Aws) -> object:
    """Deletes a bus with one rule."""
    bus = aws.bus()
    aws.rule(bus)
    return outcome(aws.client("events").delete_event_bus, Name=bus)
