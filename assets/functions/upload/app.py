"""Says which object arrived in S3, for each record of the event."""


def handler(event, context):
    objects = [record["s3"] for record in event["Records"]]
    lines = [
        f"s3://{item['bucket']['name']}/{item['object']['key']}"
        f" ({item['object']['size']} bytes) arrived"
        for item in objects
    ]
    print("\n".join(lines))
    return {"arrived": lines}
