"""An alarm on an expression of several metrics cannot be deployed.

Here it is deployed as an alarm on the first of its metrics, and means nothing: ministack writes none of AWS's own
metrics, so no alarm ever goes off.
"""

from typing import Any

from ministack.services.cloudformation import provisioners


def apply() -> None:
    """Puts a metric in the expression's place."""
    record = provisioners._cw_metric_alarm_record

    def record_of_first_metric(name: str, props: dict[str, Any]) -> Any:
        metrics = props.get("Metrics")
        if not metrics:
            return record(name, props)
        stat = next(metric["MetricStat"] for metric in metrics if "MetricStat" in metric)
        first = {**stat["Metric"], "Period": stat["Period"], "Statistic": stat["Stat"]}
        return record(name, {**{key: value for key, value in props.items() if key != "Metrics"}, **first})

    provisioners._cw_metric_alarm_record = record_of_first_metric
