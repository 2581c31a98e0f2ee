"""A function's output reaches its log only in part, and each invocation waits for it.

ministack collects output after each invocation for up to 250 ms (50 ms if there is none), and loses what is printed
while starting or later. Here each line goes to the log group when it is printed, into one log stream per process as on
AWS, and an answer is given once everything that the process had written by then is in the log.

What runs on after its function was deleted logs nothing: on AWS its role may write to a log group, not create one.
"""

import array
import fcntl
import os
import select
import termios
import threading
import time
from typing import Any

from ministack.core.lambda_runtime import ProvidedWorker
from ministack.services import cloudwatch_logs, lambda_svc


class Output:
    """The output of one process of a function, on its way to a log stream."""

    def __init__(self, config: dict[str, Any], descriptor: int) -> None:
        """Creates the log stream."""
        self._descriptor = descriptor
        self._config = config
        self._reading = threading.Lock()
        self._rest = b""
        self._stream = f"{time.strftime('%Y/%m/%d')}/[{config.get('Version', '$LATEST')}]{lambda_svc.new_uuid()}"

    def pump(self) -> None:
        """Logs lines until the process has closed its output."""
        while True:
            select.select([self._descriptor], [], [])
            with self._reading:
                chunk = os.read(self._descriptor, 65536)
                *lines, self._rest = (self._rest + chunk).split(b"\n") if chunk else [self._rest, b""]
                self._log([line.decode(errors="replace") for line in lines if line])
            if not chunk:
                return

    def settle(self) -> None:
        """Returns when all that is in the pipe now has been logged."""
        for _ in range(1000):
            with self._reading:
                unread = array.array("i", [0])
                try:
                    fcntl.ioctl(self._descriptor, termios.FIONREAD, unread)
                except OSError:  # Closed: the pump has read everything.
                    return
                if unread[0] == 0:
                    return
            time.sleep(0.001)

    def _log(self, lines: list[str]) -> None:
        # The groups are kept by account and region, which a thread of ours has to enter.
        if lines:
            lambda_svc._run_with_function_config_scope(self._config, self._append, lines)

    def _append(self, lines: list[str]) -> None:
        now = int(time.time() * 1000)
        if _is_deleted(self._config):
            return
        name = self._config.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{self._config['FunctionName']}")
        if name not in cloudwatch_logs._log_groups:
            cloudwatch_logs._create_log_group({"logGroupName": name})
        streams = cloudwatch_logs._log_groups[name]["streams"]
        if self._stream not in streams:
            cloudwatch_logs._create_log_stream({"logGroupName": name, "logStreamName": self._stream})
        events = [{"timestamp": now, "message": line, "ingestionTime": now} for line in lines]
        cloudwatch_logs._append_log_events(streams[self._stream], events)


def _is_deleted(config: dict[str, Any]) -> bool:
    return config["FunctionName"] not in lambda_svc._functions


def apply() -> None:
    """Replaces the thread that reads a process's output, and the two ways of collecting what it has read."""
    emit = lambda_svc._emit_lambda_logs

    def emit_unless_deleted(function: dict[str, Any], *rest: Any, **named: Any) -> None:
        if not _is_deleted(function.get("config") or function):
            emit(function, *rest, **named)

    def pump(worker: Any, stream: Any, log_queue: Any) -> None:
        del log_queue
        worker.output = Output(worker.config, stream.fileno())
        with stream:
            worker.output.pump()

    def settle(worker: Any, **waits: float) -> str:
        del waits
        output: Output | None = getattr(worker, "output", None)
        if output is not None:
            output.settle()
        return ""

    lambda_svc._emit_lambda_logs = emit_unless_deleted
    ProvidedWorker._pump_output = pump
    ProvidedWorker._drain_stderr = settle
    ProvidedWorker._drain_stderr_bounded = settle
