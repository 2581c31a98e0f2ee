"""Lambda: a function URL takes requests of any size

A synchronous invocation has at most 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html); a function URL
answers 413 to a request whose event is larger, and does not invoke the function.
"""

import urllib.error
import urllib.request

from upstream.aws import Aws

AWS = [200, 413]


def observe(aws: Aws) -> object:
    """Posts a small and a large body. Answers the status of each."""
    name = aws.function("def handler(event): return {'statusCode': 200, 'body': ''}")
    url = aws.client("lambda").create_function_url_config(FunctionName=name, AuthType="NONE")["FunctionUrl"]
    host = url.split("/")[2].split(".")[0]

    def post(size: int) -> int:
        headers = {"Content-Type": "text/plain"}
        request = urllib.request.Request(f"{aws.endpoint}/_aws/lambda-url/{host}/", b"x" * size, headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    return [post(1), post(6 * 1024 * 1024)]
