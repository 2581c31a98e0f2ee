"""Lambda: an execution environment that dies while it starts fails the invocation

AWS starts it once more, as part of the invocation: its documentation says so of a start that takes too long
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib), and users report it of one
that crashes. ministack fails the invocation, and ends all other processes of the function.
"""

import tempfile
from pathlib import Path

from upstream.aws import Aws

AWS = "started"


def observe(aws: Aws) -> object:
    """Invokes a function whose first start dies."""
    with tempfile.TemporaryDirectory() as directory:
        mark = Path(directory) / "started-before"
        code = f"""
if not os.path.exists({str(mark)!r}):
    open({str(mark)!r}, "w").close()
    sys.exit(1)
def handler(event): return "started"
"""
        return aws.invoke(aws.function(code))
