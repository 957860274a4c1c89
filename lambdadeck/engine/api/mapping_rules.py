"""What CreateEventSourceMapping and UpdateEventSourceMapping refuse although the model allows it.

Messages without another source are those of LocalStack's AWS-validated tests (Apache License 2.0).
"""

from lambdadeck.engine.api import names
from lambdadeck.engine.api.errors import ApiError, conflict
from lambdadeck.engine.api.store import ApiCall, Record
from lambdadeck.engine.events import patterns

LARGEST_BATCH = {"sqs": 10_000, "kinesis": 10_000, "dynamodb": 10_000}
STREAM_ONLY = (
    *("BisectBatchOnFunctionError", "DestinationConfig", "MaximumRecordAgeInSeconds"),
    *("MaximumRetryAttempts", "ParallelizationFactor", "TumblingWindowInSeconds"),
)
QUEUE_ONLY = ("ScalingConfig",)
NEEDS_WINDOW = 10  # a larger batch of a queue needs a batching window
YOUNGEST_AGE_S = 60  # MaximumRecordAgeInSeconds: -1, or at least this (API reference)


def service(given: Record) -> str:
    """Return the service that an event source belongs to; raise ApiError."""
    arn = given.get("EventSourceArn")
    if arn is None:
        raise ApiError("Unrecognized event source.")
    found = str(arn).split(":")[2]
    if found not in LARGEST_BATCH:
        # recorded by users of aws-controllers-k8s/community, issue 2250 (2025)
        raise ApiError(f"Unrecognized event source. Unsupported source arn : {arn}")
    return found


def check(given: Record, source: str) -> None:
    """Raise ApiError unless the settings go together; `given` has all of a mapping's settings."""
    if (given.get("DestinationConfig") or {}).get("OnSuccess"):
        raise ApiError(
            "Unsupported DestinationConfig parameter for given event source mapping type."
        )
    for member in STREAM_ONLY if source == "sqs" else QUEUE_ONLY:
        if given.get(member) is not None:
            # recorded by users of pulumi/pulumi-aws, issue 1418 (2021)
            spelled = member[:1].lower() + member[1:]
            message = f"Unsupported '{spelled}' parameter for given event source mapping type."
            raise ApiError(message)
    if source == "sqs" and given.get("StartingPosition") is not None:
        # recorded by users of boto/boto3, issue 1613 (2018)
        raise ApiError("StartingPosition is not valid for SQS event sources.")
    _check_batch(given, source)
    if source != "sqs":
        _check_stream(given, source)
    check_filters(given)


def _check_batch(given: Record, source: str) -> None:
    size, window = given.get("BatchSize"), given.get("MaximumBatchingWindowInSeconds")
    fifo = source == "sqs" and given["EventSourceArn"].endswith(".fifo")
    if fifo and window:
        # recorded by the authors of aws/aws-lambda-dotnet, pull request 1758 (2024)
        raise ApiError("Batching window is not supported for FIFO queues")
    if size is None:
        return
    if not 1 <= size <= (NEEDS_WINDOW if fifo else LARGEST_BATCH[source]):
        raise ApiError("BatchSize out of bounds")
    if source == "sqs" and size > NEEDS_WINDOW and not window:
        raise ApiError(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is "
            f"greater than {NEEDS_WINDOW}"
        )


def _check_stream(given: Record, source: str) -> None:
    position = given.get("StartingPosition")
    if position is None:
        raise ApiError(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
            "constraint: Member must not be null."
        )
    if position == "AT_TIMESTAMP" and source == "dynamodb":
        arn = given["EventSourceArn"]
        raise ApiError(f"Unsupported starting position for arn type: {arn}")
    if position == "AT_TIMESTAMP" and given.get("StartingPositionTimestamp") is None:
        # awsdocs/aws-cloudformation-user-guide, pull request 334 (2019)
        raise ApiError("Need to specify a timestamp")
    age = given.get("MaximumRecordAgeInSeconds")
    if age is not None and age != -1 and age < YOUNGEST_AGE_S:
        raise ApiError(
            f"MaximumRecordAgeInSeconds must be -1 or at least {YOUNGEST_AGE_S} seconds."
        )


def check_filters(given: Record) -> None:
    """Raise ApiError for a filter that does not follow the grammar."""
    for stated in (given.get("FilterCriteria") or {}).get("Filters") or ():
        try:
            patterns.read(stated.get("Pattern") or "")
        except patterns.PatternError:
            raise ApiError("Invalid filter pattern definition.") from None


def function(call: ApiCall) -> Record:
    """Return name, ARN and configuration of the function that a call names; raise ApiError."""
    named = names.resolve(call)
    record = call.store.find(named.name)
    version = names.version_of(record, named.qualifier) if record else None
    if version is None:
        raise ApiError("Function does not exist")
    arn = call.store.function_arn(*named)
    return {"name": named.name, "arn": arn, "config": version["config"]}


def check_source(call: ApiCall, arn: str, target: Record) -> None:
    """Raise ApiError if a queue or stream does not exist, or its messages come back too soon."""
    pollers = call.store.effects.pollers
    if refusal := pollers.refusal(arn):
        raise ApiError(refusal)
    if arn.split(":")[2] == "sqs":
        visible_s, timeout_s = pollers.visibility_s(arn), target["config"]["Timeout"]
        if visible_s < timeout_s:
            # recorded by users of github-aws-runners, issue 465 (2021)
            raise ApiError(
                f"Queue visibility timeout: {visible_s} seconds is less than "
                f"Function timeout: {timeout_s} seconds"
            )


def check_unique(call: ApiCall, arn: str, target: Record) -> None:
    """Raise ApiError if the function has a mapping of this source already."""
    for uuid, mapping in call.store.mappings().items():
        if (mapping["EventSourceArn"], mapping["FunctionArn"]) != (arn, target["arn"]):
            continue
        known, ending = f'function (" {target["name"]} ")', f"existing mapping with UUID {uuid}"
        if arn.split(":")[2] == "sqs":
            raise conflict(
                f'An event source mapping with SQS arn (" {arn} ") and {known} already exists. '
                f"Please update or delete the {ending}"
            )
        raise conflict(
            f'The event source arn (" {arn} ") and {known} provided mapping already exists. '
            f"Please update or delete the {ending}"
        )
