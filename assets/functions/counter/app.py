"""Counts its invocations in a global variable, which lives as long as its environment."""

import os

ENVIRONMENT = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"][-6:]
count = 0


def handler(event, context):
    global count
    count += 1
    return {"count": count, "environment": ENVIRONMENT}
