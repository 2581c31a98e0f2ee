"""The dead-letter queue of a rule's target. The texts of the attributes' values are this module's own."""

from typing import Any

from ministack.services import eventbridge, sqs

SERVICE = "events.amazonaws.com"


def refusal_of_queue(queue_arn: str, rule: dict[str, Any]) -> tuple[str, str] | None:
    """Why the rule cannot send to the queue, as an error code and a message."""
    if sqs._queue_by_arn(queue_arn) is None:
        return "NO_RESOURCE", f"The queue {queue_arn} does not exist."
    if not sqs.queue_policy_allows(queue_arn, SERVICE, rule["Arn"], eventbridge.get_account_id()):
        return "NO_PERMISSIONS", f"The policy of {queue_arn} does not let {rule['Arn']} send to it."
    return None


def send_to_dead_letters(target: dict[str, Any], rule: dict[str, Any], event: str, facts: dict[str, str]) -> None:
    """Sends the event, if the target has a dead-letter queue whose policy lets the rule do so."""
    dead_letters = target.get("DeadLetterConfig", {}).get("Arn", "")
    eventbridge.logger.warning("%s from rule %s", facts, rule["Arn"])
    if not dead_letters or refusal_of_queue(dead_letters, rule) is not None:
        return
    known = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], **facts}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in known.items()}
    queue_url = sqs._queue_by_arn(dead_letters)["url"]
    sqs._act_send_message({"MessageBody": event, "MessageAttributes": attributes}, queue_url)
