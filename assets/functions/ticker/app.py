"""Tick every 10 ms in a thread, also between calls if time passes there."""

import threading
import time

ticks = 0


def tick():
    global ticks
    while True:
        time.sleep(0.01)
        ticks += 1


threading.Thread(target=tick, daemon=True).start()


def handler(event, context):
    first = ticks
    time.sleep(event.get("seconds", 0.2))
    return f"ticks {first} to {ticks}"
