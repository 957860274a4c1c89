"""The kinds of resources that the talk makes: the call that makes one, its name, its tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import getitem
from typing import Any
from urllib.parse import urlencode


@dataclass(frozen=True)
class Kind:
    """One kind of resource, by boto3's names.

    `service` and `create` are the call that makes one, `named` the parameter with its name. `tags`
    is the parameter for tags at creation, "" if missing. `given` is the path in the answer to the
    id that AWS chooses, "" if the name is the id.
    """

    name: str
    service: str
    create: str
    named: str
    tags: str = "Tags"
    given: str = ""

    def name_in(self, params: Mapping[str, Any]) -> str:
        """Return the name in the call's parameters, "" if missing; of a function's ARN the name."""
        texts = (value for value in params.values() if isinstance(value, str))
        given = params.get(self.named) if self.named else next(texts, "")
        return str(given or "").rpartition(":function:")[2].partition(":")[0]

    def id_of(self, answer: Mapping[str, Any]) -> str:
        """Return the id in the call's answer; "" if the name is the id."""
        return str(reduce(getitem, self.given.split("."), answer)) if self.given else ""


# In the order of removal: what refers to others goes before them.
KINDS = (
    Kind(
        "event source mapping", "lambda", "CreateEventSourceMapping", "FunctionName", given="UUID"
    ),
    Kind("API", "apigatewayv2", "CreateApi", "Name", given="ApiId"),
    Kind("rule", "events", "PutRule", "Name"),
    Kind("IoT rule", "iot", "CreateTopicRule", "ruleName", "tags"),
    Kind("user pool", "cognito-idp", "CreateUserPool", "PoolName", "UserPoolTags", "UserPool.Id"),
    Kind("topic", "sns", "CreateTopic", "Name"),
    Kind("function", "lambda", "CreateFunction", "FunctionName"),
    Kind("queue", "sqs", "CreateQueue", "QueueName", "tags"),
    Kind("table", "dynamodb", "CreateTable", "TableName"),
    Kind("stream", "kinesis", "CreateStream", "StreamName"),
    Kind("bucket", "s3", "CreateBucket", "Bucket", ""),
    Kind("log group", "logs", "CreateLogGroup", "logGroupName", "tags"),
    Kind("role", "iam", "CreateRole", "RoleName"),
)
_BY_CALL = {(kind.service, kind.create): kind for kind in KINDS}
# These make parts that are removed with their whole, or nothing permanent.
_PARTS = {
    "lambda": ("CreateAlias", "CreateFunctionUrlConfig"),
    "logs": ("CreateLogStream",),
    "apigatewayv2": (
        "CreateIntegration",
        "CreateRoute",
        "CreateStage",
        "CreateDeployment",
        "CreateAuthorizer",
    ),
    "cognito-idp": ("CreateUserPoolClient", "CreateUserPoolDomain", "CreateGroup"),
    "s3": ("CreateMultipartUpload", "CreateSession"),
}


def kind_of(service: str, operation: str) -> Kind | None:
    """Return the kind that this call makes; None if it makes no resource of its own.

    An unknown Create call makes a kind named "service Operation": it is recorded, but cannot be
    removed automatically.
    """
    known, parts = _BY_CALL.get((service, operation)), _PARTS.get(service, ())
    if known or not operation.startswith(("Create", "PublishLayer")) or operation in parts:
        return known
    return Kind(f"{service} {operation}", service, operation, "", "")


def tag(params: dict[str, Any], kind: Kind, shape: Any, tags: Mapping[str, str]) -> None:
    """Add the tags to the call's parameters; `shape` is botocore's shape of the parameter."""
    given = params.get(kind.tags)
    if shape.type_name == "map":
        params[kind.tags] = {**(given or {}), **tags}
    elif shape.type_name == "list":
        others = [item for item in given or [] if item.get("Key") not in tags]
        params[kind.tags] = others + [{"Key": key, "Value": value} for key, value in tags.items()]
    else:  # IoT: a query string in a header
        params[kind.tags] = "&".join(filter(None, [given, urlencode(tags)]))
