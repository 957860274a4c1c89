"""A hostile function: it stays in its container, and what it starts freezes, counts and dies."""

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from lambdadeck.shared.paths import ROOT
from tests.support.lambdas import processes, wait_until

DAEMON = """
    import os, subprocess, sys, time
    from who import who
    COUNT = ("import os, time\\n"
             "while True: open(os.environ['AT'] + '/ticks', 'a').write('.'); time.sleep(0.01)")
    def handler(event, context):
        at = os.environ.get("TMPDIR") or "/tmp"
        if event == "start":
            child = subprocess.Popen(
                [sys.executable, "-S", "-c", COUNT], start_new_session=True, env={"AT": at}
            )
            while not os.path.exists(at + "/ticks"):
                time.sleep(0.01)
            time.sleep(0.2)  # a container needs no look; elsewhere the engine has to see it once
            return who(child.pid)
        time.sleep(event)
        return os.path.getsize(at + "/ticks")
"""


def test_a_daemon_without_session_and_variables_freezes_thaws_and_ends_with_its_function(lambdas):
    name = lambdas.make(DAEMON, Timeout=30)
    [daemon] = processes(lambdas.call(name, "start").payload)
    wait_until(lambda: daemon.status() == psutil.STATUS_STOPPED)
    before = lambdas.call(name, 0).payload
    time.sleep(0.5)  # the time itself is what is looked at
    after = lambdas.call(name, 0).payload
    assert after - before < 10 < lambdas.call(name, 3).payload - after
    lambdas.client.delete_function(FunctionName=name)
    wait_until(lambda: not daemon.is_running())


FILL = """
    import subprocess, sys
    def handler(event, context):
        code = f"x = bytearray({event} << 20)\\nimport time\\ntime.sleep(20)"
        return subprocess.run([sys.executable, "-S", "-c", code], start_new_session=True).returncode
"""


def test_memory_of_children_counts(lambdas):
    name = lambdas.make(FILL, Timeout=40)
    killed = lambdas.call(name, 800)
    assert killed.payload["errorMessage"].endswith("signal: killed")
    assert "\tMax Memory Used: 128 MB\t" in killed.report


SPIN = """
    import os, time
    def handler(event, context):
        begun = time.time()
        if os.fork() == 0:
            os.setsid()
            while time.process_time() < 0.3:
                pass
            os._exit(0)
        os.wait()
        return time.time() - begun
"""


def test_cpu_time_of_children_counts(lambdas):
    if sys.platform != "linux":
        pytest.skip("no CPU share on this system")
    name = lambdas.make(SPIN, Timeout=40)
    ideal = 0.3 * 1769 / 128
    assert any(lambdas.call(name).payload > ideal * 0.5 for _ in range(3))


LOOK = """
    import os, signal
    NEIGHBORS = []
    def tried(act, *arguments):
        try:
            return str(act(*arguments))[:100]
        except OSError as error:
            return type(error).__name__
    def handler(event, context):
        if event is None:
            return os.listdir("/proc")
        read = lambda path: open(path, "rb").read()
        write = lambda path: open(path, "ab").close()
        return {
            **{path: tried(os.listdir, path) for path in event["folders"]},
            **{path: tried(read, path) for path in event["files"]},
            **{path: tried(write, path) for path in event["written"]},
            **{pid: tried(os.kill, int(pid), 0) for pid in event["pids"]},
            "everyone": tried(os.kill, -1, 0),
        }
"""
GONE = {"FileNotFoundError", "PermissionError", "ProcessLookupError", "NotADirectoryError"}


def test_it_reaches_no_file_key_neighbor_or_process_of_the_machine(lambdas, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("s")
    neighbor, name = lambdas.make(DAEMON, Timeout=30), lambdas.make(LOOK)
    [other] = processes(lambdas.call(neighbor, "start").payload)
    if (
        "/var/task"
        not in lambdas.call(
            lambdas.make("import os\ndef handler(e, c): return os.getcwd()")
        ).payload
    ):
        pytest.skip("this machine allows no namespaces: a function sees what you see")
    hosts = [lambdas.engine.pid, os.getpid(), other.pid]
    event = {
        "folders": [str(Path.home() / ".ssh"), str(ROOT / "lambdadeck"), f"/proc/{other.pid}"],
        "files": [str(secret), str(ROOT / "pyproject.toml"), "/etc/shadow", "/proc/1/environ"],
        "written": ["/var/runtime/boto3/__init__.py", "/var/task/app.py", sys.executable, "/usr/x"],
        "pids": [str(pid) for pid in hosts],
    }

    def lists_its_init_and_itself():  # what has furnished the container may end a moment later
        return [one for one in lambdas.call(name).payload if one.isdigit()] == ["1", "3"]

    wait_until(lists_its_init_and_itself)
    seen = lambdas.call(name, event).payload
    assert seen.pop("everyone") == "ProcessLookupError"
    allowed = GONE | {"OSError"}  # of a read-only file system
    assert {what: said for what, said in seen.items() if said not in allowed} == {}


BOMB = """
    import os, time
    def handler(event, context):
        made = 0
        try:
            while made < 3000:
                if os.fork() == 0:
                    time.sleep(60)
                    os._exit(0)
                made += 1
        except OSError:
            pass
        return made
"""


def test_a_fork_bomb_ends_at_the_limit_and_with_its_function(lambdas):
    name = lambdas.make(BOMB, Timeout=30, MemorySize=3008)
    before = len(psutil.pids())
    called = lambdas.call(name)
    made = called.payload if called.error is None else 0
    assert made < 1024
    lambdas.client.delete_function(FunctionName=name)
    wait_until(lambda: len(psutil.pids()) < before + 100)
