"""Start, kill and end the embedded cloud: nothing stays behind, and the next call works."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import cloud, engine
from lambdadeck.engine import watchdog
from lambdadeck.engine.model import Settings
from tests.support.lambdas import Lambdas, wait_until

SLOW = "import time\ndef handler(event, context):\n    time.sleep(event or 0)\n    return 1"


@pytest.fixture
def own() -> Iterator[Lambdas]:
    """Start an engine for one test, which may kill it."""
    started = engine.start()
    yield Lambdas(started)
    started.stop()


def environments(lambdas: Lambdas) -> list[psutil.Process]:
    """Return the processes that run functions of this engine."""
    marked = watchdog.marked(lambdas.engine.settings.role.marker)
    return [one for one in marked if _is_runtime(one, lambdas)]


def _is_runtime(process: psutil.Process, lambdas: Lambdas) -> bool:
    """Return whether it leads a session and is no container's first process."""
    try:
        if os.getsid(process.pid) != process.pid:
            return False
        ours = process.ppid() == lambdas.engine.pid
        return not (ours and "sandbox_process" in " ".join(process.cmdline()))
    except (ProcessLookupError, psutil.NoSuchProcess):
        return False


def family(pid: int) -> list[psutil.Process]:
    """Return a process and its descendants."""
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]


def wait_gone(processes: list[psutil.Process]) -> None:
    _, left = psutil.wait_procs(processes, timeout=60)
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []


def test_stopping_leaves_no_process_and_no_folder(own):
    names = [own.make(SLOW) for _ in range(3)]
    for name in names:
        own.call(name)
    before = [*family(own.engine.pid), *environments(own)]
    folder = _scratch(own)
    assert len(environments(own)) == 3 and folder.exists()
    own.engine.stop()
    wait_gone(before)
    wait_until(lambda: not folder.exists())
    assert environments(own) == []


def _scratch(lambdas: Lambdas) -> Path:
    """Return the engine's folder, from its watchdog's command line."""
    lines = [p.cmdline() for p in psutil.Process(lambdas.engine.pid).children()]
    return Path(next(line[-1] for line in lines if "lambdadeck.engine.watchdog" in line))


def test_kill_nine_of_the_engine_leaves_nothing_and_the_next_call_works(own):
    name = own.make(SLOW)
    own.call(name)
    own.call(own.make(SLOW))
    was, old = own.engine.pid, environments(own)
    folder = _scratch(own)
    os.kill(was, signal.SIGKILL)
    wait_gone(old)
    wait_until(lambda: not folder.exists())
    wait_until(lambda: own.engine.pid != was)
    wait_until(lambda: cloud.answers(own.engine.endpoint))
    assert own.call(name).payload == 1  # it has its functions back: test_saved.py has the details
    assert own.call(own.make(SLOW)).payload == 1


def test_kill_nine_of_the_engine_in_the_middle_of_a_call_ends_the_call_and_its_process(own):
    name = own.make(SLOW, Timeout=60)
    failed: list[BaseException] = []

    def call() -> None:
        try:
            own.call(name, 50)
        except (ClientError, BotoCoreError) as error:
            failed.append(error)

    caller = threading.Thread(target=call)
    caller.start()
    wait_until(lambda: len(environments(own)) == 1)
    running = environments(own)
    os.kill(own.engine.pid, signal.SIGKILL)
    caller.join(timeout=60)
    assert failed and not caller.is_alive()
    wait_gone(running)


def test_kill_nine_of_an_environment_in_mid_invocation_is_told_and_the_next_call_works(own):
    name = own.make(SLOW, Timeout=60)
    own.call(name)
    environment = environments(own)[0]
    wait_until(
        lambda: environment.status() == psutil.STATUS_STOPPED
    )  # the first call is over for it, too
    answers = []
    caller = threading.Thread(target=lambda: answers.append(own.call(name, 50)))
    caller.start()
    wait_until(lambda: environment.status() != psutil.STATUS_STOPPED)
    environment.kill()
    caller.join(timeout=60)
    assert answers[0].payload["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert own.call(name).payload == 1


def test_kill_nine_of_an_idle_environment_goes_unnoticed(own):
    name = own.make(SLOW)
    own.call(name)
    environment = environments(own)[0]
    environment.kill()
    wait_gone([environment])
    assert own.call(name).payload == 1


def test_kill_nine_of_the_starter_takes_the_engine_with_it():
    code = (
        "from lambdadeck import engine; e = engine.start()\n"
        "print(e.pid, e.settings.role.marker, flush=True); import time; time.sleep(600)"
    )
    starter = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert starter.stdout
    pid, marker = starter.stdout.readline().split()
    processes = family(int(pid))
    starter.kill()
    starter.wait()
    starter.stdout.close()
    wait_gone(processes)
    assert watchdog.marked(marker) == []


def test_after_a_laptops_sleep_it_goes_on(own):
    name = own.make(SLOW)
    own.call(name)
    os.kill(own.engine.pid, signal.SIGSTOP)
    answers = []
    caller = threading.Thread(target=lambda: answers.append(own.call(name)))
    caller.start()
    caller.join(timeout=1.5)
    assert answers == []
    os.kill(own.engine.pid, signal.SIGCONT)
    caller.join(timeout=60)
    assert answers[0].payload == 1


def test_ctrl_c_belongs_to_the_starter(lambdas):
    name, was = lambdas.make(SLOW), lambdas.engine.pid
    os.kill(was, signal.SIGINT)
    assert [lambdas.call(name, 0.05).payload for _ in range(10)] == [1] * 10
    assert lambdas.engine.pid == was and lambdas.engine.alive()


def test_stopping_while_the_next_process_is_being_started_leaves_none(monkeypatch):
    started, starting = [], threading.Event()

    def spawn(settings, sock, log):
        starting.set()
        time.sleep(0.1 * len(started))
        script = "import sys; print('ready', flush=True); sys.stdin.read()"
        started.append(
            subprocess.Popen(
                [sys.executable, "-S", "-c", script],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        return started[-1]

    monkeypatch.setattr("lambdadeck.engine.supervisor._spawn", spawn)
    own = engine.start()
    starting.clear()
    started[0].kill()
    assert starting.wait(timeout=60)
    own.stop()
    assert len(started) == 2 and started[1].returncode is not None


def test_while_it_restarts_its_port_stays_its_own_and_a_call_waits(own):
    name, answers = own.make(SLOW), []
    caller = threading.Thread(target=lambda: answers.append(own.call(name)))
    with own.engine._lock, socket.socket() as other:  # it cannot restart meanwhile
        psutil.Process(own.engine.pid).kill()
        wait_until(lambda: not own.engine.alive())
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with pytest.raises(OSError, match="in use"):
            other.bind(("127.0.0.1", own.engine.settings.port))
        caller.start()
        caller.join(timeout=0.5)
        assert answers == []
    caller.join(timeout=60)
    assert answers[0].payload == 1


def test_an_engine_that_dies_again_and_again_is_given_up_and_calls_fail(monkeypatch):
    monkeypatch.setattr("lambdadeck.engine.supervisor.RESTARTS", 0)
    other = engine.start()
    try:
        psutil.Process(other.pid).kill()
        wait_until(lambda: other._socket.fileno() == -1)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", other.settings.port))
    finally:
        other.stop()


FEW_FILES = """
import json, resource
from concurrent.futures import ThreadPoolExecutor
import psutil
from botocore.exceptions import ClientError
from lambdadeck import engine
from tests.support.lambdas import Lambdas

resource.setrlimit(resource.RLIMIT_NOFILE, (100, 120))  # the server may use 120
own = Lambdas(engine.start())
name = own.make("def handler(event, context): __import__('time').sleep(event)", Timeout=60)

def code(number):
    try:
        return own.call(name, 1).error
    except ClientError as refused:
        return refused.response["Error"]["Code"]

with ThreadPoolExecutor(12) as threads:
    codes = list(threads.map(code, range(12)))
children = [child.status() for child in psutil.Process(own.engine.pid).children()]
print(json.dumps([codes, own.call(name, 0).error, children]))
own.engine.stop()
"""


def test_running_out_of_files_throttles_and_leaves_no_process(root):
    done = subprocess.run(
        [sys.executable, "-c", FEW_FILES], capture_output=True, text=True, cwd=root
    )
    codes, after, children = json.loads(done.stdout or done.stderr)
    assert None in codes and set(codes) <= {None, "TooManyRequestsException"}, codes
    assert after is None and psutil.STATUS_ZOMBIE not in children


def test_an_engine_that_cannot_start_says_why(tmp_path, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(engine.EngineError, match=r"cannot use port \d+: Address already"):
            engine.start(port=taken.getsockname()[1])


def test_nothing_of_the_hosts_account_reaches_the_engine(own, monkeypatch):
    assert not [
        value
        for name, value in psutil.Process(own.engine.pid).environ().items()
        if name == "AWS_SECRET_ACCESS_KEY" and value == own.engine.settings.deck.secret_key
    ]
    line = " ".join(psutil.Process(own.engine.pid).cmdline())
    assert (
        own.engine.settings.deck.secret_key not in line
        and own.engine.settings.role.secret_key not in line
    )


def test_an_engine_may_play_another_account_in_every_arn_that_it_states():
    account = "210987654321"
    other = engine.start(account=account)
    try:
        lambdas = Lambdas(other)
        name = lambdas.make("def handler(event, context):\n    return context.invoked_function_arn")
        arn = f"arn:aws:lambda:eu-west-1:{account}:function:{name}"
        assert lambdas.call(name).payload == arn
        assert lambdas.boto("sts").get_caller_identity()["Account"] == account
        assert (
            lambdas.boto("logs").describe_log_groups()["logGroups"][0]["arn"].split(":")[4]
            == account
        )
        with pytest.raises(
            lambdas.client.exceptions.ResourceNotFoundException, match=f"{account}:function:none"
        ):
            lambdas.call("none")
    finally:
        other.stop()


def test_an_engine_that_takes_too_long_says_so_and_leaves_nothing():
    with tempfile.TemporaryFile() as log:
        late = engine.Engine(Settings(), log, limit_s=0.001)
        late.begin()
        with pytest.raises(engine.EngineError, match=r"within 0\.001 s: is the machine busy\?"):
            late.wait()
        assert not late.alive()
