"""Greets whoever the event names: the smallest useful Lambda function."""

import os

GREETING = os.environ.get("GREETING", "Hello")  # runs once per environment


def handler(event, context):
    name = event.get("name", "world")
    print(f"greeting {name}")
    return {"greeting": f"{GREETING}, {name}!"}
