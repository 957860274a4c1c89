"""The greeting and the probe, in Python."""

import platform


def handler(event, context):
    name = event.get("name", "world")
    print(f"greeting {name}")
    return {
        "greeting": f"Hello, {name}!",
        "language": "Python",
        "version": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
    }
