"""A pipe reads a table's stream, and then neither filters, nor enriches, nor knows an event bus as its target.

Here it does, for a stream of DynamoDB, a Lambda function as the enrichment and an event bus as the target: batches of
the pipe's size, the filters of event source mappings, and what the function returns as events. A batch that fails is
halved if the pipe says so, tried again with short waits as often as it says, and then its place in the stream goes to
the dead-letter queue. Not regarded: the pipe's role, the age of records, the parallelization factor, input templates,
and the dynamic parameters other than a detail-type that is the path of a top-level field.
"""

import json
import threading
import time
from collections.abc import Callable
from typing import Any

from ministack.core.iam_evaluator import pin_request_origin
from ministack.services import eventbridge, lambda_svc, pipes, sqs
from ministack.services.cloudformation import provisioners

# As many as a pipe puts on a bus at once; it does not put there what an enrichment makes more of.
MAX_EVENTS = 10
FIRST_WAIT_S = 0.02
LONGEST_WAIT_S = 0.2
# In place of no limit.
MAX_RETRIES = 20
# AWS reads a stream four times a second.
POLL_EVERY_S = 0.02

Records = list[dict[str, Any]]


class _StageError(Exception):
    """The enrichment or the target has failed."""


def _enriched(pipe: dict[str, Any], records: Records) -> list[Any]:
    function_arn = pipe.get("Enrichment")
    if not function_arn:
        return records
    function, _, _ = lambda_svc._get_func_record_for_ref(function_arn)
    if function is None:
        raise _StageError(f"no function {function_arn}")
    result = lambda_svc._execute_function(function, records)
    body = result.get("body")
    if result.get("error"):
        raise _StageError(f"enrichment: {body}")
    events = json.loads(body) if isinstance(body, str | bytes) else body
    # Nothing, or nothing in it: the target is not called.
    return events if isinstance(events, list) else [events] if events else []


def _put(pipe: dict[str, Any], events: list[Any]) -> None:
    if len(events) > MAX_EVENTS:
        raise _StageError(f"{len(events)} events for the bus, which takes {MAX_EVENTS}")
    parameters = pipe["TargetParameters"]["EventBridgeEventBusParameters"]
    kind = parameters["DetailType"]
    entries = [
        {
            "EventBusName": pipe["Target"],
            "Source": parameters["Source"],
            "DetailType": event[kind.removeprefix("$.")] if kind.startswith("$.") else kind,
            "Detail": json.dumps(event),
        }
        for event in events
    ]
    status, _, body = eventbridge._put_events({"Entries": entries})
    if status >= 400 or json.loads(body).get("FailedEntryCount"):
        raise _StageError(f"target: {body}")


def _give_up(pipe: dict[str, Any], records: Records, error: _StageError) -> None:
    stream = pipe["SourceParameters"].get("DynamoDBStreamParameters", {})
    queue = sqs._queue_by_arn(stream.get("DeadLetterConfig", {}).get("Arn", ""))
    pipes.logger.warning("Pipe %s gives up %d records: %s", pipe["Name"], len(records), error)
    if queue is None:
        return
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    letter = {
        "context": {"pipeArn": pipe["Arn"], "condition": "RetryAttemptsExhausted"},
        "DDBStreamBatchInfo": {
            "startSequenceNumber": numbers[0],
            "endSequenceNumber": numbers[-1],
            "batchSize": len(records),
            "streamArn": pipe["Source"],
        },
    }
    sqs._act_send_message({"MessageBody": json.dumps(letter)}, queue["url"])


def _process(pipe: dict[str, Any], records: Records) -> None:
    stream = pipe["SourceParameters"].get("DynamoDBStreamParameters", {})
    configured = int(stream.get("MaximumRetryAttempts", -1))
    retries = MAX_RETRIES if configured < 0 else min(configured, MAX_RETRIES)
    wait = FIRST_WAIT_S
    for attempt in range(retries + 1):
        try:
            events = _enriched(pipe, records)
            if events:
                _put(pipe, events)
            return
        except _StageError as error:
            if len(records) > 1 and stream.get("OnPartialBatchItemFailure") == "AUTOMATIC_BISECT":
                half = len(records) // 2
                _process(pipe, records[:half])
                _process(pipe, records[half:])
                return
            if attempt == retries:
                _give_up(pipe, records, error)
                return
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_S)


def _deliver(pipe: dict[str, Any], records: Records) -> bool:
    parameters = pipe["SourceParameters"]
    matching = lambda_svc._apply_filter_criteria(records, parameters)
    size = int(parameters.get("DynamoDBStreamParameters", {}).get("BatchSize", 1))
    for start in range(0, len(matching), size):
        _process(pipe, matching[start : start + size])
    return True


def _poll() -> None:
    # A thread of its own knows nothing of what requests count as: made over TLS, as policies ask of who sends to a queue.
    pin_request_origin("127.0.0.1", True)
    while True:
        time.sleep(POLL_EVERY_S)
        try:
            pipes._poll_once()
        except Exception:  # As ministack's own: the next pass tries again.
            pipes.logger.exception("A pass over the pipes failed")


def apply() -> None:
    """Keeps of a template what ministack drops, and takes over the pipes to event buses."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Pipes::Pipe"]
    create, update = handlers["create"], handlers["update"]
    deliver_batch = pipes._deliver_batch

    def keep(name: str, props: dict[str, Any]) -> None:
        kept = ("SourceParameters", "Enrichment", "TargetParameters")
        pipes._pipes[name].update({key: props[key] for key in kept if key in props})

    def create_whole(logical_id: str, props: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        name, attributes = create(logical_id, props, stack_name)
        keep(name, props)
        return name, attributes

    def update_whole(physical_id: str, old: dict[str, Any], new: dict[str, Any], *rest: Any, **named: Any) -> Any:
        name, attributes = update(physical_id, old, new, *rest, **named)
        keep(name, new)
        return name, attributes

    def deliver_to_bus(pipe: dict[str, Any], batch: Records) -> bool:
        is_to_bus = pipes._arn_service(pipe.get("Target", "")) == "events"
        handed_over: Callable[[dict[str, Any], Records], bool] = _deliver if is_to_bus else deliver_batch
        return handed_over(pipe, batch)

    def ensure_poller() -> None:
        with pipes._poller_lock:
            if not pipes._poller_started:
                threading.Thread(target=_poll, daemon=True).start()
                pipes._poller_started = True

    handlers.update({"create": create_whole, "update": update_whole})
    pipes._deliver_batch = deliver_to_bus
    pipes._ensure_poller = ensure_poller
