"""Nobody but the engine's own execution starts a program."""

import subprocess
import sys

import pytest

from lambdadeck.engine.execution import start_guard
from lambdadeck.engine.execution.start_guard import ForeignProcessError

HOOKED = """
import sys, types
from lambdadeck.engine.execution import start_guard
start_guard.install()
code = '''
import asyncio, multiprocessing.util, os, subprocess
def popen(): subprocess.run(["/bin/true"], check=True)
def shell(): os.system("true")
def fork(): os.fork() or os._exit(0)
def spawn(): os.posix_spawn("/bin/true", ["true"], {})
def multi(): os.waitpid(multiprocessing.util.spawnv_passfds(b"/bin/true", [b"true"], ()), 0)
def loop(): asyncio.run(asyncio.create_subprocess_exec("/bin/true"))
'''
for name in ("ministack.services.glue", "lambdadeck.engine.services.ministack",
             "lambdadeck.engine.execution.process", "lambdadeck.engine.watchdog"):
    module = types.ModuleType(name)
    exec(code, module.__dict__)
    for way in ("popen", "shell", "fork", "spawn", "multi", "loop"):
        try:
            getattr(module, way)()
            print(name, way, "started")
        except PermissionError as refused:
            print(name, way, "refused")
"""


def test_every_way_to_start_a_program_is_refused_to_foreign_code():
    done = subprocess.run([sys.executable, "-c", HOOKED], capture_output=True, text=True)
    said = [line.split() for line in done.stdout.splitlines()]
    assert len(said) == 24, done.stderr
    started = {name for name, _, what in said if what == "started"}
    refused = {name for name, _, what in said if what == "refused"}
    assert started == {"lambdadeck.engine.execution.process", "lambdadeck.engine.watchdog"}
    assert refused == {"ministack.services.glue", "lambdadeck.engine.services.ministack"}


def test_the_refusal_names_who_wanted_to_start_what():
    with pytest.raises(ForeignProcessError, match=r"test_start_guard may not start '/bin/cat'"):
        start_guard.check("subprocess.Popen", ("/bin/cat", [], None, None))
    start_guard.check("open", ("/etc/passwd", "r", 0))
