"""Waits as a function waits for a database, then says in which execution environment it did."""

import os
import time

ENVIRONMENT = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"][-6:]


def handler(event, context):
    seconds = event.get("seconds", 0.5)
    time.sleep(seconds)
    return {"environment": ENVIRONMENT, "slept_s": seconds}
