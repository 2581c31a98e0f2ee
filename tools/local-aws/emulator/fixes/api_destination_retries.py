"""An API destination is called once, and what it does not take vanishes.

AWS tries again after 401, 407, 409, 429, 5xx and when there is no answer within 5 s, as often as the target's retry
policy says, and sends what it could not deliver to the target's dead-letter queue. Here the waits are short, so that a
test sees the end of them; the age of an event, Retry-After and the rate limit are not regarded.
"""

import contextvars
import json
import time
from typing import Any

from ministack.services import eventbridge

from ..dead_letters import send_to_dead_letters

RETRIED = {401, 407, 409, 429}
FIRST_WAIT_S = 0.02
LONGEST_WAIT_S = 0.2
# The default of EventBridge.
MAX_RETRIES = 185


def _status(request: dict[str, Any], connection: dict[str, Any], token_key: Any) -> int | None:
    try:
        headers = eventbridge._connection_auth_headers(connection, token_key)
        status: int = eventbridge._api_destination_send_sync(request, headers)
    except Exception as error:  # Refused, reset, timed out: the kinds are urllib's own.
        eventbridge.logger.info("No answer from %s: %s", request["url"], error)
        return None
    return status


def _deliver(delivery: dict[str, Any], request: dict[str, Any], connection: dict[str, Any], token_key: Any) -> None:
    retries = int(delivery["target"].get("RetryPolicy", {}).get("MaximumRetryAttempts", MAX_RETRIES))
    wait = FIRST_WAIT_S
    for attempt in range(retries + 1):
        status = _status(request, connection, token_key)
        if status is not None and 200 <= status < 300:
            return
        is_retried = status is None or status in RETRIED or status >= 500
        if not is_retried or attempt == retries:
            break
        time.sleep(wait)
        wait = min(2 * wait, LONGEST_WAIT_S)
    facts = {
        "ERROR_CODE": "ERROR_FROM_TARGET",
        "ERROR_MESSAGE": "no answer" if status is None else f"HTTP status {status}",
        "RETRY_ATTEMPTS": str(attempt),
        **({"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts"} if is_retried else {}),
    }
    # ministack delivers in a thread, which does not know the account.
    delivery["context"].run(send_to_dead_letters, delivery["target"], delivery["rule"], delivery["event"], facts)


def apply() -> None:
    """Lets a delivery know its target, rule and event, by way of the request that ministack builds from them."""
    invoke_target = eventbridge._invoke_target
    dispatch = eventbridge._dispatch_to_api_destination
    build_request = eventbridge._build_api_destination_request

    def invoke(target: dict[str, Any], event: dict[str, Any], rule: dict[str, Any], view: Any = None) -> None:
        view = view or eventbridge._pattern_event_view(event)
        delivery = {
            "target": target,
            "rule": rule,
            "event": json.dumps(view.event_with_detail()),
            "context": contextvars.copy_context(),
        }
        invoke_target({**target, "_Delivery": delivery}, event, rule, view)

    def dispatch_known(spec: Any, payload: str, target: dict[str, Any]) -> None:
        http_parameters = {**target.get("HttpParameters", {}), "_Delivery": target.get("_Delivery")}
        dispatch(spec, payload, {**target, "HttpParameters": http_parameters})

    def build_known(destination: Any, connection: Any, parameters: dict[str, Any], payload: str) -> dict[str, Any]:
        request = build_request(destination, connection, parameters, payload)
        return {**request, "_Delivery": parameters.get("_Delivery")}

    def deliver(name: str, request: dict[str, Any], connection: dict[str, Any], token_key: Any) -> None:
        del name
        _deliver(request["_Delivery"], request, connection, token_key)

    eventbridge._invoke_target = invoke
    eventbridge._dispatch_to_api_destination = dispatch_known
    eventbridge._build_api_destination_request = build_known
    eventbridge._deliver_to_api_destination = deliver
