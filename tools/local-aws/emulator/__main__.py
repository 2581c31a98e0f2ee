"""Starts the local AWS and prints its address, on a line of its own, before it is ready to answer.

Usage: python -m emulator [--iam] [--without-fixes] [--function-endpoint URL] --working-directory DIR

Everything is configured before ministack is imported, since it reads its environment while it is being imported.
"""

import argparse
import asyncio
import gc
import os
import socket

from .parent_watch import end_with_parent


def configure_ministack(port: int, function_endpoint: str, enforce_iam: bool) -> None:
    """Sets what ministack reads from its environment."""
    os.environ.update(
        {
            "AUTH": "true" if enforce_iam else "false",
            "GATEWAY_PORT": str(port),
            "MINISTACK_HOST": "127.0.0.1",
            # What Lambda functions get as their AWS_ENDPOINT_URL.
            "AWS_ENDPOINT_URL": function_endpoint,
            # Listeners that nothing here uses.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Even where Docker is installed: functions are local processes, and no container is looked at or removed.
            "DOCKER_HOST": "unix:///nonexistent",
            "LOG_LEVEL": "INFO",
        }
    )


def serve(listening: socket.socket) -> None:
    """Serves ministack on the given socket until the process is killed."""
    from hypercorn.asyncio import serve as hypercorn_serve
    from hypercorn.config import Config
    from ministack.app import app

    from .service_metadata import read_no_more_of_models

    read_no_more_of_models()
    gc.freeze()
    gc.enable()
    config = Config()
    config.bind = [f"fd://{listening.fileno()}"]
    config.keep_alive_timeout = 75
    config.loglevel = "WARNING"
    asyncio.run(hypercorn_serve(app, config))


def main() -> None:
    """Reads the arguments, starts what was asked for, serves."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--iam", action="store_true")
    parser.add_argument("--without-fixes", action="store_true", help="ministack as it is, to see its defects")
    parser.add_argument("--function-endpoint", help="what functions get as AWS_ENDPOINT_URL, if not our own address")
    parser.add_argument("--working-directory", required=True)
    arguments = parser.parse_args()

    # What is imported stays. To look for garbage in it again and again takes a third of the CPU time of the start.
    gc.disable()
    end_with_parent(arguments.working_directory)
    # ministack unpacks the code of functions below the temporary directory.
    os.environ["TMPDIR"] = arguments.working_directory

    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    listening.listen(512)
    port = listening.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    configure_ministack(port, arguments.function_endpoint or endpoint, arguments.iam)
    print(endpoint, flush=True)

    if not arguments.without_fixes:
        from .fixes import apply_all

        apply_all()
    serve(listening)


if __name__ == "__main__":
    main()
