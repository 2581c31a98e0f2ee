"""A process of a function that dies while it starts fails the invocation, and ends all other processes of the function.

AWS starts it once more, as part of the invocation (its documentation says so of starts that take too long, users report
it of crashes), and lets the others be.
"""

from typing import Any

from ministack.core.lambda_runtime import ProvidedInitTimeout, ProvidedRuntimeError, ProvidedWorker


class _FailedStartError(Exception):
    """It died twice."""


def apply() -> None:
    """Tries a start twice, and answers for a process that did not start instead of failing inside ministack."""
    spawn = ProvidedWorker._spawn
    invoke = ProvidedWorker.invoke

    def spawn_twice(worker: Any, init_timeout: float | None = None) -> None:
        try:
            spawn(worker, init_timeout)
        except (ProvidedInitTimeout, ProvidedRuntimeError):
            raise
        except RuntimeError:
            try:
                spawn(worker, init_timeout)
            except RuntimeError as error:
                raise _FailedStartError(str(error)) from error

    def invoke_or_answer(worker: Any, *arguments: Any, **named: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = invoke(worker, *arguments, **named)
        except _FailedStartError as error:
            payload = {"errorMessage": str(error), "errorType": "Runtime.ExitError"}
            return {"status": "error", "error": str(error), "error_payload": payload, "log": ""}
        return answer

    ProvidedWorker._spawn = spawn_twice
    ProvidedWorker.invoke = invoke_or_answer
