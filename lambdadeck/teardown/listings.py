"""How each kind of resource is listed, and how it tells its tags and its age: boto3's names, as data."""

from __future__ import annotations

from dataclasses import dataclass

from lambdadeck.aws.resources import KINDS


@dataclass(frozen=True)
class Listing:
    """How a kind is listed, by boto3's names.

    `call` lists, its answer has the resources under `items`; there `key` is what the other calls take, `name` the name,
    `arn` the field of the ARN or its pattern, `created` the field of the time at which it was made. `tags` is the call that
    tells the tags, its parameter, whether that is the key or the ARN, and where the answer has them; `told` the call that
    tells the time where the list does not, its parameter, and where.
    """

    kind: str
    service: str
    call: str
    items: str
    key: str = ""
    name: str = ""
    arn: str = ""
    created: str = ""
    tags: tuple[str, str, str, str] = ("", "", "", "")
    told: tuple[str, str, str] = ("", "", "")


_ARN = "arn:{partition}:{service}:{region}:{account}:"
LISTINGS = {
    listing.kind: listing
    for listing in (
        Listing(
            "event source mapping",
            "lambda",
            "list_event_source_mappings",
            "EventSourceMappings",
            "UUID",
            arn=f"{_ARN}event-source-mapping:{{key}}",
            tags=("list_tags", "Resource", "arn", "Tags"),
        ),
        Listing(
            "API",
            "apigatewayv2",
            "get_apis",
            "Items",
            "ApiId",
            "Name",
            created="CreatedDate",
            arn="arn:{partition}:apigateway:{region}::/apis/{key}",
            tags=("get_tags", "ResourceArn", "arn", "Tags"),
        ),
        Listing(
            "rule",
            "events",
            "list_rules",
            "Rules",
            "Name",
            arn="Arn",
            tags=("list_tags_for_resource", "ResourceARN", "arn", "Tags"),
        ),
        Listing(
            "IoT rule",
            "iot",
            "list_topic_rules",
            "rules",
            "ruleName",
            arn="ruleArn",
            created="createdAt",
            tags=("list_tags_for_resource", "resourceArn", "arn", "tags"),
        ),
        Listing(
            "user pool",
            "cognito-idp",
            "list_user_pools",
            "UserPools",
            "Id",
            "Name",
            f"{_ARN}userpool/{{key}}",
            "CreationDate",
            ("list_tags_for_resource", "ResourceArn", "arn", "Tags"),
        ),
        Listing(
            "topic",
            "sns",
            "list_topics",
            "Topics",
            "TopicArn",
            arn="TopicArn",
            tags=("list_tags_for_resource", "ResourceArn", "arn", "Tags"),
        ),
        Listing(
            "function",
            "lambda",
            "list_functions",
            "Functions",
            "FunctionName",
            arn="FunctionArn",
            tags=("list_tags", "Resource", "arn", "Tags"),
        ),
        Listing(
            "queue",
            "sqs",
            "list_queues",
            "QueueUrls",
            arn=f"{_ARN}{{name}}",
            tags=("list_queue_tags", "QueueUrl", "key", "Tags"),
            told=("get_queue_attributes", "QueueUrl", "Attributes.CreatedTimestamp"),
        ),
        Listing(
            "table",
            "dynamodb",
            "list_tables",
            "TableNames",
            arn=f"{_ARN}table/{{key}}",
            tags=("list_tags_of_resource", "ResourceArn", "arn", "Tags"),
            told=("describe_table", "TableName", "Table.CreationDateTime"),
        ),
        Listing(
            "stream",
            "kinesis",
            "list_streams",
            "StreamNames",
            arn=f"{_ARN}stream/{{key}}",
            tags=("list_tags_for_stream", "StreamName", "key", "Tags"),
            told=(
                "describe_stream_summary",
                "StreamName",
                "StreamDescriptionSummary.StreamCreationTimestamp",
            ),
        ),
        Listing(
            "bucket",
            "s3",
            "list_buckets",
            "Buckets",
            "Name",
            arn="arn:{partition}:s3:::{key}",
            created="CreationDate",
            tags=("get_bucket_tagging", "Bucket", "key", "TagSet"),
        ),
        Listing(
            "log group",
            "logs",
            "describe_log_groups",
            "logGroups",
            "logGroupName",
            created="creationTime",
            arn=f"{_ARN}log-group:{{key}}",
            tags=("list_tags_for_resource", "resourceArn", "arn", "tags"),
        ),
        Listing(
            "role",
            "iam",
            "list_roles",
            "Roles",
            "RoleName",
            arn="Arn",
            created="CreateDate",
            tags=("list_role_tags", "RoleName", "key", "Tags"),
        ),
    )
}
ORDER = [kind.name for kind in KINDS]
EVERYWHERE = ("bucket", "role")  # listed for all regions at once
