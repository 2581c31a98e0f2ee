"""SQS: a queue that feeds a function can lose messages

`_delete_messages_for_esm` runs in a thread of the poller. It makes a list of the messages that are left, and puts it in the place
of the queue's list. SendMessage runs on the event loop, which takes no lock, and appends to the list that is there: what it
appends between these two steps is gone. Seldom: it takes thousands of messages to see one lost. Here the event loop gets its
turn at the worst moment.
"""

import subprocess
import sys
from pathlib import Path

from upstream.aws import Aws

AWS = "kept"

RACE = """
import asyncio, os, sys, threading
os.environ["DOCKER_HOST"] = "unix:///nonexistent"
from ministack import app
from ministack.services import sqs
loop = app._MAIN_LOOP = asyncio.new_event_loop()
wait_s = 30
if "--fixed" in sys.argv:
    from emulator.fixes import queue_threads
    queue_threads.apply()
    wait_s = 0.2
threading.Thread(target=loop.run_forever, daemon=True).start()
url = sqs._act_create_queue({"QueueName": "q"}, "")["QueueUrl"]
sqs._act_send_message({"MessageBody": "taken"}, url)
[message] = sqs._receive_messages_for_esm(url, 1)
sent = threading.Event()

def send():
    sqs._act_send_message({"MessageBody": "new"}, url)
    sent.set()

class WorstMoment(list):
    def __iter__(self):
        yield from list(super().__iter__())
        loop.call_soon_threadsafe(send)
        sent.wait(wait_s)

queue = sqs._queues[url]
queue["messages"] = WorstMoment(queue["messages"])
sqs._delete_messages_for_esm(url, {message["receipt_handle"]})
sent.wait(30)
print(*[message["body"] for message in sqs._queues[url]["messages"]])
"""


def observe(aws: Aws) -> object:
    """Sends a message while another one is deleted."""
    arguments = ["--fixed"] if aws.is_fixed else []
    folder = Path(__file__).parent.parent.parent
    race = subprocess.run([sys.executable, "-c", RACE, *arguments], cwd=folder, capture_output=True, text=True)
    bodies = race.stdout.splitlines()[-1:]
    return {("new",): "kept", ("",): "lost"}.get(tuple(bodies), race.stdout + race.stderr)
