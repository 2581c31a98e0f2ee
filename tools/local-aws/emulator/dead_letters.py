"""The dead-letter queue of a rule's target. The texts of the attributes' values are this module's own.

A queue that is encrypted with a key takes events only if the key's policy lets EventBridge use the key. That of the key that
AWS manages, `alias/aws/sqs`, never does, and cannot be changed
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html).
"""

import json
from typing import Any

from ministack.services import eventbridge, kms, sqs

SERVICE = "events.amazonaws.com"


def refusal_of_queue(queue_arn: str, rule: dict[str, Any]) -> tuple[str, str] | None:
    """Why the rule cannot send to the queue, as an error code and a message."""
    if sqs._queue_by_arn(queue_arn) is None:
        return "NO_RESOURCE", f"The queue {queue_arn} does not exist."
    if not sqs.queue_policy_allows(queue_arn, SERVICE, rule["Arn"], eventbridge.get_account_id()):
        return "NO_PERMISSIONS", f"The policy of {queue_arn} does not let {rule['Arn']} send to it."
    key_id = sqs._queue_by_arn(queue_arn)["attributes"].get("KmsMasterKeyId")
    if key_id and not _key_is_for(SERVICE, key_id):
        return "NO_PERMISSIONS", f"The policy of the key of {queue_arn} does not let {SERVICE} use it."
    return None


def _key_is_for(service: str, key_id: str) -> bool:
    """Whether the key's policy has statements that let the service encrypt with it. Conditions are not regarded."""
    key = kms._resolve_key(key_id)
    actions = {
        action
        for statement in json.loads((key or {}).get("Policy") or "{}").get("Statement", [])
        if statement["Effect"] == "Allow" and service in as_list(as_map(statement.get("Principal")).get("Service"))
        for action in as_list(statement.get("Action"))
    }
    return "kms:*" in actions or ("kms:Decrypt" in actions and bool(actions & {"kms:GenerateDataKey", "kms:GenerateDataKey*"}))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def as_map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


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
