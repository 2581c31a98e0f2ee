"""A function sees ministack's whole environment.

AWS starts a function with a short, documented list of variables plus its own. Inherited ones hide bugs: a function that
forgot its LOG_LEVEL would find ours, and one without a role could find credentials.
"""

from typing import Any

from ministack.core.lambda_runtime import execution_credentials
from ministack.core.responses import get_region
from ministack.services import lambda_svc

# The rest of what AWS sets for an OS-only runtime.
FIXED = {
    "PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LD_LIBRARY_PATH": "/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib",
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
}


def apply() -> None:
    """Builds the environment of `provided.*` functions from nothing."""
    endpoint = lambda_svc.os.environ["AWS_ENDPOINT_URL"]

    def environment(config: dict[str, Any], code_dir: str, port: int) -> dict[str, str]:
        name = config["FunctionName"]
        return {
            **FIXED,
            **lambda_svc._runtime_env_vars(config),
            **execution_credentials(config),
            "AWS_REGION": get_region(),
            "AWS_DEFAULT_REGION": get_region(),
            "AWS_LAMBDA_FUNCTION_NAME": name,
            "AWS_LAMBDA_FUNCTION_VERSION": config.get("Version", "$LATEST"),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.get("MemorySize", 128)),
            "AWS_LAMBDA_LOG_GROUP_NAME": config.get("LoggingConfig", {}).get("LogGroup", f"/aws/lambda/{name}"),
            "AWS_LAMBDA_LOG_STREAM_NAME": lambda_svc.new_uuid(),
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "LAMBDA_TASK_ROOT": code_dir,
            "_HANDLER": config.get("Handler", "bootstrap"),
            # The one variable that AWS would not set: every AWS SDK honours it.
            "AWS_ENDPOINT_URL": endpoint,
        }

    lambda_svc._provided_worker_env = environment
