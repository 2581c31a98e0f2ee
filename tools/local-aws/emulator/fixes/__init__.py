"""What ministack 1.5.33 gets wrong for this project's stacks: one module a defect, each deletable on its own.

The fixes replace private functions of ministack, which is why `requirements.txt` pins its exact version. Delete a fix
when ministack no longer needs it: the tests pass without it then.
"""

from . import (
    api_destination_resources,
    api_destination_retries,
    bare_function_environment,
    connection_arn,
    empty_secret,
    event_time,
    failed_start,
    log_pages,
    metric_math_alarms,
    pipes_to_event_bus,
    put_events_conditions,
    put_events_validation,
    queue_target_delivery,
    queue_threads,
    request_size_limit,
    reserved_concurrency,
    rule_on_missing_bus,
    secret_ref_is_arn,
    secure_transport,
    streamed_log,
)


def apply_all() -> None:
    """Applies every fix. Call once, before ministack serves."""
    api_destination_resources.apply()
    api_destination_retries.apply()
    bare_function_environment.apply()
    connection_arn.apply()
    empty_secret.apply()
    event_time.apply()
    failed_start.apply()
    log_pages.apply()
    metric_math_alarms.apply()
    pipes_to_event_bus.apply()
    put_events_conditions.apply()
    put_events_validation.apply()
    queue_target_delivery.apply()
    queue_threads.apply()
    request_size_limit.apply()
    reserved_concurrency.apply()
    rule_on_missing_bus.apply()
    # After empty_secret: it wraps what that one has replaced.
    secret_ref_is_arn.apply()
    secure_transport.apply()
    streamed_log.apply()
