"""Says what it knows about each object that arrived in S3: a line of JSON for each record."""

import json


def handler(event, context):
    arrived = [known(record) for record in event["Records"]]
    print(*map(json.dumps, arrived), sep="\n")
    return {"arrived": arrived}


def known(record):
    """Return what the record says about the object."""
    bucket, file = record["s3"]["bucket"]["name"], record["s3"]["object"]
    what = {"eventName": record["eventName"], "eventTime": record["eventTime"]}
    return what | {"bucket": bucket, "key": file["key"], "size": f"{file['size']} bytes"}
