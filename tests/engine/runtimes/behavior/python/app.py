import os
import time


def handler(event, context):
    print("first line\nsecond line: é")
    if event["do"] == "fail":
        raise ValueError('so it goes: "é"')
    if event["do"] == "sleep":
        time.sleep(30)
    if event["do"] == "exit":
        os._exit(3)
    if event["do"] == "grow":
        return "x" * 7_000_000
    if event["do"] == "context":
        return {
            "request": context.aws_request_id,
            "left_ms": context.get_remaining_time_in_millis(),
            "memory_mb": int(context.memory_limit_in_mb),
            "name": context.function_name,
            "arn": context.invoked_function_arn,
            "stream": context.log_stream_name,
        }
    return event
