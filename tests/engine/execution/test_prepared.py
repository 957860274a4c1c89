"""Forks of a prepared interpreter: like interpreters of their own, and like nothing of another."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.support.gate import PASS, gate
from tests.support.lambdas import ROLE, processes, zipped

# A function that sets this variable gets an interpreter of its own, which reads it.
SPAWNED = {"PYTHONHASHSEED": "random"}

SECRETS = (
    PASS
    + """
import os, random, secrets, tempfile, uuid
LEFT = []
def handler(event, context):
    at = os.environ.get("TMPDIR") or "/tmp"
    before = [sorted(os.listdir(at)), len(LEFT)]
    LEFT.append(event)
    open(at + "/left", "w").close()
    pass_gate(event)
    name = os.path.basename(tempfile.mktemp())
    kept = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
    return [before, random.random(), secrets.token_hex(), str(uuid.uuid4()), name, kept]
"""
)


def at_once(lambdas, name, count):
    """Return the answers of calls of which each has an environment of its own."""
    with ThreadPoolExecutor(count) as threads, gate() as closed:
        calls = [threads.submit(lambdas.call, name, closed.port) for _ in range(count)]
        closed.until_here(count)
        closed.open()
        return [call.result().payload for call in calls]


def test_two_environments_share_no_memory_file_random_number_or_variable(lambdas):
    answers = at_once(lambdas, lambdas.make(SECRETS, Timeout=60), 4)
    assert [answer[0] for answer in answers] == [[[], 0]] * 4
    for values in list(zip(*answers, strict=True))[1:]:
        assert len(set(values)) == 4


HASHED = PASS + "def handler(event, context): pass_gate(event); return hash('x')"


def test_two_environments_hash_a_string_to_two_numbers(lambdas):
    assert len(set(at_once(lambdas, lambdas.make(HASHED, Timeout=60), 2))) == 2


PICTURE = """
import gc, json, locale, os, signal, sys, threading, time
def seen():
    handlers = [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGPIPE)]
    ours = {k: v for k, v in os.environ.items() if k[:3] not in ("AWS", "_X_", "PYT", "LC_", "TMP")}
    streams = [[one.encoding, one.errors, one.isatty()] for one in (sys.stdin, sys.stdout)]
    return dict(path=sys.path, argv=sys.argv, flags=str(sys.flags), executable=sys.executable,
                cwd=os.getcwd(), handlers=handlers, environment=ours, streams=streams,
                zone=time.tzname, locale=locale.getlocale(), exit=str(exit), frozen=gc.isenabled(),
                main=vars(sys.modules["__main__"])["__file__"], threads=threading.active_count(),
                ours=[name for name in sys.modules if name.startswith("lambdadeck")],
                links=[os.readlink(f"/proc/self/fd/{n}").split("[")[0] for n in range(3)],
                name=__name__, orig=sys.orig_argv, children=os.path.exists("/proc/1/task"))
def handler(event, context):
    return seen()
"""


def test_a_function_sees_no_difference_to_an_interpreter_of_its_own(lambdas):
    forked = lambdas.make(PICTURE)
    spawned = lambdas.make(PICTURE, Environment={"Variables": SPAWNED})
    one, other = (lambdas.call(name).payload for name in (forked, spawned))
    assert one == other


ENDS = {
    "an exit at INIT": "import sys\nsys.exit(3)",
    "an error at INIT": "1 / 0",
    "an exit in a call": "import sys\ndef handler(e, c): sys.exit(4)",
    "words at the exit": "import atexit\natexit.register(print, 'bye')\n"
    "def handler(e, c): import sys; sys.exit('why')",
    "a crash": "import os\ndef handler(e, c): os._exit(5)",
    "a signal": "import os, signal\ndef handler(e, c): os.kill(os.getpid(), signal.SIGSEGV)",
}


def test_it_ends_as_an_interpreter_ends(lambdas):
    failures = []
    for what, source in ENDS.items():
        ends = []
        for variables in ({}, SPAWNED):
            name = lambdas.make(source, Environment={"Variables": variables})
            called = lambdas.call(name)
            payload = {k: str(v).rpartition("Error: ")[2] for k, v in called.payload.items()}
            payload.pop("requestId", None)
            ends.append((payload, "bye" in called.log, "why" in called.log))
        if ends[0] != ends[1]:
            failures.append(f"{what}: {ends}")
    assert not failures, "\n".join(failures)


def test_variables_that_an_interpreter_reads_when_it_starts_get_one(lambdas):
    source = "import sys\ndef handler(event, context): return sys.flags.optimize"
    name = lambdas.make(source, Environment={"Variables": {"PYTHONOPTIMIZE": "1"}})
    assert lambdas.call(name).payload == 1


def test_an_environment_and_its_init_keep_few_pages_of_their_own(lambdas):
    source = "from who import who\ndef handler(event, context): return who()"
    [runtime] = processes(lambdas.call(lambdas.make(source)).payload)
    if (init := psutil.Process(runtime.ppid())).children() != [runtime]:
        pytest.skip("this machine allows no namespaces: an interpreter is no fork")
    try:
        own_mb = [one.memory_full_info().uss / 2**20 for one in (init, runtime)]
    except psutil.AccessDenied:
        pytest.skip("an init shows its pages to root alone")
    assert own_mb[0] < 1.2 and own_mb[1] < 4.6, own_mb


LOADS = "import ctypes\ndef handler(event, context): return ctypes.CDLL(event)._name"


def test_shared_libraries_of_the_package_and_of_a_layer_are_found_by_name(lambdas):
    maps = Path("/proc/self/maps")
    if not maps.exists():
        pytest.skip("no container on this system, and libraries are searched elsewhere")
    library = Path(re.search(r"/\S+/libm\.so\.6", maps.read_text())[0]).read_bytes()
    content = {"ZipFile": zipped({"lib/libgiven.so.1": library})}
    layer = lambdas.client.publish_layer_version(LayerName="native", Content=content)
    for name, more in (("libown.so", {}), ("libgiven.so.1", layer)):
        own = {"app.py": LOADS} | ({} if more else {"lib/libown.so": library})
        lambdas.client.create_function(
            FunctionName=name.partition(".")[0],
            Runtime="python3.13",
            Handler="app.handler",
            Role=ROLE,
            Code={"ZipFile": zipped(own)},
            Layers=[more["LayerVersionArn"]] if more else [],
        )
        assert lambdas.call(name.partition(".")[0], name).payload == name
