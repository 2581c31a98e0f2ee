"""What ministack 1.5.33 gets wrong for this project's stacks: one module a defect, each deletable on its own.

The fixes replace private functions of ministack, which is why `requirements.txt` pins its exact version. Delete a fix
when ministack no longer needs it: the tests pass without it then.
"""

from . import (
    api_destination_resources,
    api_destination_retries,
    archive_resource,
    bare_function_environment,
    bus_with_rules,
    connection_arn,
    connection_limits,
    dashboard_body,
    describe_bus_by_arn,
    empty_secret,
    event_bus_policy,
    event_bus_targets,
    event_schemas,
    event_time,
    failed_start,
    function_environment_limit,
    log_pages,
    metric_math_alarms,
    partial_secret_arn,
    pipes_to_event_bus,
    put_events_conditions,
    put_events_validation,
    query_definitions,
    queue_target_delivery,
    queue_threads,
    replay_filter,
    request_size_limit,
    reserved_concurrency,
    rule_limits,
    rule_on_missing_bus,
    secret_ref_is_arn,
    secure_transport,
    streamed_log,
)


def apply_all() -> None:
    """Applies every fix. Call once, before ministack serves."""
    api_destination_resources.apply()
    api_destination_retries.apply()
    archive_resource.apply()
    bare_function_environment.apply()
    bus_with_rules.apply()
    connection_arn.apply()
    connection_limits.apply()
    dashboard_body.apply()
    describe_bus_by_arn.apply()
    empty_secret.apply()
    event_bus_policy.apply()
    event_bus_targets.apply()
    event_schemas.apply()
    event_time.apply()
    failed_start.apply()
    function_environment_limit.apply()
    log_pages.apply()
    metric_math_alarms.apply()
    partial_secret_arn.apply()
    pipes_to_event_bus.apply()
    put_events_conditions.apply()
    put_events_validation.apply()
    query_definitions.apply()
    queue_target_delivery.apply()
    queue_threads.apply()
    # After all that looks at a target: a rule that is filtered out does nothing.
    replay_filter.apply()
    request_size_limit.apply()
    reserved_concurrency.apply()
    rule_limits.apply()
    rule_on_missing_bus.apply()
    # After empty_secret: it wraps what that one has replaced.
    secret_ref_is_arn.apply()
    secure_transport.apply()
    streamed_log.apply()
