"""Lambda: a provided.* function inherits the whole environment of the emulator

On AWS a function sees its own variables and a documented list
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html). ministack passes on everything that it was started
with. That hides mistakes: a function that forgot its LOG_LEVEL finds the developer's, and one without a role finds credentials.
"""

from upstream.aws import Aws

AWS = "not there"


def observe(aws: Aws) -> object:
    """The function looks for a variable that the emulator was started with."""
    return aws.invoke(aws.function("def handler(event): return os.environ.get('UPSTREAM_PROBE', 'not there')"))
