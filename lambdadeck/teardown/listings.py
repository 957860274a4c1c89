"""How each kind of resource is listed, and where its tags and age are: boto3's names, as data."""

from dataclasses import dataclass, field

from lambdadeck.aws.resources import KINDS


@dataclass(frozen=True)
class Listing:
    """How a kind is listed, by boto3's names.

    `call` lists; `items` is the field of its answer with the resources. Their fields: `key` (which
    other calls take), `name`, `created` (the time) and `arn` (or its pattern). `tags` is the call
    that returns the tags, its parameter, "key" or "arn", and the field of the answer. `told` is the
    call that returns the time if the list does not, its parameter, and the field.
    """

    kind: str
    service: str
    call: str
    items: str
    key: str = ""
    name: str = ""
    created: str = ""
    arn: str = field(default="", kw_only=True)
    tags: tuple[str, str, str, str] = field(kw_only=True)
    told: tuple[str, str, str] | None = field(kw_only=True)


_ROWS: tuple[tuple[str, ...], ...] = (
    ("event source mapping", "lambda", "list_event_source_mappings", "EventSourceMappings", "UUID"),
    ("API", "apigatewayv2", "get_apis", "Items", "ApiId", "Name", "CreatedDate"),
    ("rule", "events", "list_rules", "Rules", "Name"),
    ("IoT rule", "iot", "list_topic_rules", "rules", "ruleName", "", "createdAt"),
    ("user pool", "cognito-idp", "list_user_pools", "UserPools", "Id", "Name", "CreationDate"),
    ("topic", "sns", "list_topics", "Topics", "TopicArn"),
    ("function", "lambda", "list_functions", "Functions", "FunctionName"),
    ("queue", "sqs", "list_queues", "QueueUrls"),
    ("table", "dynamodb", "list_tables", "TableNames"),
    ("stream", "kinesis", "list_streams", "StreamNames"),
    ("bucket", "s3", "list_buckets", "Buckets", "Name", "", "CreationDate"),
    ("log group", "logs", "describe_log_groups", "logGroups", "logGroupName", "", "creationTime"),
    ("role", "iam", "list_roles", "Roles", "RoleName", "", "CreateDate"),
)
_START = "arn:{scope.partition}:{listing.service}:{region}:{scope.account}:"
_ARNS = {
    "event source mapping": f"{_START}event-source-mapping:{{key}}",
    "API": "arn:{scope.partition}:apigateway:{region}::/apis/{key}",
    "rule": "Arn",
    "IoT rule": "ruleArn",
    "user pool": f"{_START}userpool/{{key}}",
    "topic": "TopicArn",
    "function": "FunctionArn",
    "queue": f"{_START}{{name}}",
    "table": f"{_START}table/{{key}}",
    "stream": f"{_START}stream/{{key}}",
    "bucket": "arn:{scope.partition}:s3:::{key}",
    "log group": f"{_START}log-group:{{key}}",
    "role": "Arn",
}
_TAGS = {
    "event source mapping": ("list_tags", "Resource", "arn", "Tags"),
    "API": ("get_tags", "ResourceArn", "arn", "Tags"),
    "rule": ("list_tags_for_resource", "ResourceARN", "arn", "Tags"),
    "IoT rule": ("list_tags_for_resource", "resourceArn", "arn", "tags"),
    "user pool": ("list_tags_for_resource", "ResourceArn", "arn", "Tags"),
    "topic": ("list_tags_for_resource", "ResourceArn", "arn", "Tags"),
    "function": ("list_tags", "Resource", "arn", "Tags"),
    "queue": ("list_queue_tags", "QueueUrl", "key", "Tags"),
    "table": ("list_tags_of_resource", "ResourceArn", "arn", "Tags"),
    "stream": ("list_tags_for_stream", "StreamName", "key", "Tags"),
    "bucket": ("get_bucket_tagging", "Bucket", "key", "TagSet"),
    "log group": ("list_tags_for_resource", "resourceArn", "arn", "tags"),
    "role": ("list_role_tags", "RoleName", "key", "Tags"),
}
_STREAM_CREATED = "StreamDescriptionSummary.StreamCreationTimestamp"
_TOLD = {
    "queue": ("get_queue_attributes", "QueueUrl", "Attributes.CreatedTimestamp"),
    "table": ("describe_table", "TableName", "Table.CreationDateTime"),
    "stream": ("describe_stream_summary", "StreamName", _STREAM_CREATED),
}
LISTINGS = {
    row[0]: Listing(*row, arn=_ARNS[row[0]], tags=_TAGS[row[0]], told=_TOLD.get(row[0]))
    for row in _ROWS
}
ORDER = [kind.name for kind in KINDS]
_OF_LAMBDA = "/aws/lambda/"
EVERYWHERE = ("bucket", "role")  # listed for all regions at once


@dataclass(frozen=True)
class Resource:
    """One existing resource: `key` is what calls take, `created_s` seconds since 1970 if listed."""

    kind: str
    key: str
    name: str
    arn: str
    region: str
    created_s: float | None = field(default=None, compare=False)

    def __str__(self) -> str:
        where = "" if self.kind in EVERYWHERE else f" in {self.region}"
        return f"{self.kind} {self.name}{where}"

    @property
    def logs_of(self) -> str:
        """Return the function whose log group this is; "" for anything else."""
        is_log = self.kind == "log group" and self.name.startswith(_OF_LAMBDA)
        return self.name.removeprefix(_OF_LAMBDA) if is_log else ""
