"""Lambda: what a provided.* function prints reaches its log only in part

ministack collects output for up to 250 ms after each invocation. What is printed after that, and what a process prints that then
dies while it starts, is lost. On AWS all of it is in the log group
(https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html). (What is printed after the answer is there on AWS
once the environment runs again.)
"""

from upstream.aws import Aws

AWS = ["why", "invoked", "later"]


def observe(aws: Aws) -> object:
    """Invokes a function that dies while it starts, and one that prints a line after it has answered."""
    failing = aws.function('print("why", flush=True); sys.exit(1)')
    aws.invoke(failing)
    code = """
import threading, time
def later():
    time.sleep(0.5)
    print("later", flush=True)
def handler(event):
    print("invoked", flush=True)
    threading.Thread(target=later).start()
"""
    name = aws.function(code)
    aws.invoke(name)
    logs = aws.client("logs")

    def lines() -> list[str]:
        groups = [f"/aws/lambda/{function}" for function in (failing, name)]
        known = {group["logGroupName"] for group in logs.describe_log_groups()["logGroups"]}
        pages = [logs.filter_log_events(logGroupName=group) for group in groups if group in known]
        printed = [event["message"].strip() for page in pages for event in page["events"]]
        return list(dict.fromkeys(line for line in printed if line in AWS))

    aws.until(lambda: lines() == AWS)
    return lines()
