"""A queue that feeds a function can lose what is sent to it.

ministack takes messages for functions, and deletes those that are done, in threads of its own, while its event loop adds
others. Deleting replaces the list of messages by one of those that are left, so what is added in between is gone: too
seldom for a short test to show it, often enough for one of thousands of messages to fail without a reason.
"""

import contextvars
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from ministack import app
from ministack.services import sqs


def _on_event_loop(function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        done: Future[Any] = Future()
        # Queues are kept by account and region, which the caller's context holds.
        context = contextvars.copy_context()

        def run() -> None:
            try:
                done.set_result(context.run(function, *arguments))
            except Exception as error:
                done.set_exception(error)

        app._MAIN_LOOP.call_soon_threadsafe(run)
        return done.result()

    return call


def apply() -> None:
    """Has the event loop, which does everything else to queues, do these two as well."""
    sqs._receive_messages_for_esm = _on_event_loop(sqs._receive_messages_for_esm)
    sqs._delete_messages_for_esm = _on_event_loop(sqs._delete_messages_for_esm)
