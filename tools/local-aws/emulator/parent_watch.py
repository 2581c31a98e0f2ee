"""Ends the whole process group when the parent is gone, however it went.

The parent holds the other end of our standard input and never writes to it. The kernel closes that end even when the
parent is killed outright, so no signal handler of the parent has to run for nothing to be left behind.
"""

import os
import shutil
import signal
import sys
import threading


def end_with_parent(working_directory: str | None = None) -> None:
    """Kills our process group (Lambda processes included) at end of input, and removes `working_directory` first."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        if working_directory is not None:
            shutil.rmtree(working_directory, ignore_errors=True)
        os.killpg(os.getpgrp(), signal.SIGKILL)

    threading.Thread(target=watch, daemon=True, name="parent-watch").start()
