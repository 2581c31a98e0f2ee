"""What every reproduction uses: botocore's clients for one emulator, and the few resources that most of them need."""

import io
import json
import sys
import time
import uuid
import zipfile
from collections.abc import Callable
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"
REGION = "us-east-1"
ANYBODY = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}

# A function that answers each event with what `handler` returns. It may print, and it may end the process.
BOOTSTRAP = """#!{python}
import json, os, sys, urllib.request as http
{code}
api = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with http.urlopen(api + "next") as invocation:
        identifier, event = invocation.headers["Lambda-Runtime-Aws-Request-Id"], json.load(invocation)
    http.urlopen(http.Request(api + identifier + "/response", data=json.dumps(handler(event)).encode()))
"""


class Aws:
    """One emulator, as an AWS account sees it."""

    def __init__(self, endpoint: str, is_fixed: bool) -> None:
        """Of ministack as it is, or with the fixes."""
        self.endpoint = endpoint
        self.is_fixed = is_fixed
        # How many seconds to wait for what AWS would do. What a defect keeps from happening is not waited for long.
        self.patience = 30.0 if is_fixed else 1.0
        self._session = botocore.session.Session()

    def client(self, service: str, key_id: str = "test", secret: str = "test") -> Any:
        """A client of a service. An access key of 12 digits is that of another account."""
        return self._session.create_client(
            service,
            region_name=REGION,
            endpoint_url=self.endpoint,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            config=Config(retries={"max_attempts": 0}, parameter_validation=False),
        )

    def name(self) -> str:
        """One that nothing has yet."""
        return f"n{uuid.uuid4().hex[:12]}"

    def until(self, look: Callable[[], Any]) -> Any:
        """What `look` finds, or its last answer once the patience is over."""
        deadline = time.monotonic() + self.patience
        while not (found := look()) and time.monotonic() < deadline:
            time.sleep(0.02)
        return found

    def deploy(self, resources: dict[str, Any], outputs: dict[str, Any] | None = None) -> dict[str, Any]:
        """Deploys a stack of a template. Answers its status, and its outputs."""
        cloudformation = self.client("cloudformation")
        name = self.name()
        body: dict[str, Any] = {"Resources": resources}
        if outputs:
            body["Outputs"] = {key: {"Value": value} for key, value in outputs.items()}
        cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(body))
        deadline = time.monotonic() + 30
        while True:
            [stack] = cloudformation.describe_stacks(StackName=name)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > deadline:
                break
            time.sleep(0.02)
        values = {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])}
        return {"status": stack["StackStatus"], **values}

    def queue(self, policy: dict[str, Any] | None = ANYBODY) -> tuple[str, str]:
        """Makes a queue that anybody may send to, or as the statement says. Answers its URL and its ARN."""
        name = self.name()
        attributes = {"Policy": json.dumps({"Version": "2012-10-17", "Statement": [policy]})} if policy else {}
        url = self.client("sqs").create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"

    def messages(self, url: str) -> list[dict[str, Any]]:
        """The messages of a queue, once there are any."""
        receive = self.client("sqs").receive_message
        return self.until(lambda: receive(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages", []))

    def rule(self, bus: str, *targets: dict[str, Any]) -> str:
        """Makes a rule that matches the source `test`. Answers its ARN."""
        events, name = self.client("events"), self.name()
        arn = events.put_rule(Name=name, EventBusName=bus, EventPattern='{"source":["test"]}')["RuleArn"]
        numbered = [{"Id": str(index), **target} for index, target in enumerate(targets)]
        if numbered:
            events.put_targets(Rule=name, EventBusName=bus, Targets=numbered)
        return arn

    def bus(self) -> str:
        """Makes an event bus. Answers its name."""
        name = self.name()
        self.client("events").create_event_bus(Name=name)
        return name

    def put(self, bus: str, **entry: Any) -> dict[str, Any]:
        """Puts one event on a bus, of the source `test`. Answers the entry's result."""
        event = {"EventBusName": bus, "Source": "test", "DetailType": "test", "Detail": "{}", **entry}
        return self.client("events").put_events(Entries=[event])["Entries"][0]

    def zip(self, code: str) -> bytes:
        """A function's code, in Python, as Lambda takes it for an OS-only runtime."""
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as archive:
            bootstrap = zipfile.ZipInfo("bootstrap")
            bootstrap.external_attr = 0o755 << 16
            archive.writestr(bootstrap, BOOTSTRAP.format(python=sys.executable, code=code))
        return content.getvalue()

    def role(self) -> str:
        """Makes a role that any service may take. Answers its ARN."""
        trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}
        made = self.client("iam").create_role(RoleName=self.name(), AssumeRolePolicyDocument=json.dumps(trust))
        return str(made["Role"]["Arn"])

    def function(self, code: str, **settings: Any) -> str:
        """Makes a function. Answers its name."""
        name = self.name()
        required = {"Role": self.role(), "Handler": "bootstrap", "Runtime": "provided.al2023", "Timeout": 60}
        self.client("lambda").create_function(FunctionName=name, **required, Code={"ZipFile": self.zip(code)}, **settings)
        return name

    def invoke(self, name: str) -> Any:
        """What a function answers; the error's code if it is not invoked, or fails."""
        try:
            answer = self.client("lambda").invoke(FunctionName=name, Payload=b"{}")
        except ClientError as error:
            return error_code(error)
        payload = json.loads(answer["Payload"].read())
        return answer.get("FunctionError", payload)

    def user(self, statement: dict[str, Any]) -> dict[str, str]:
        """Makes an IAM user with this permission. Answers its access key, for `client`."""
        iam, name = self.client("iam"), self.name()
        iam.create_user(UserName=name)
        policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})
        iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=policy)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"key_id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}


def error_code(error: ClientError) -> str:
    """The code of an error, as a service names it."""
    return str(error.response["Error"]["Code"]).split("#")[-1]


def outcome(call: Callable[..., Any], **request: Any) -> str:
    """Whether a service takes a request: `taken`, or the code of its error."""
    try:
        call(**request)
    except ClientError as error:
        return error_code(error)
    return "taken"
