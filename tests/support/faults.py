"""Faults of an engine's processes, files and ports; the next call works and nothing is left.

Usage: python -m tests.support.faults [NAME ...]
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck import engine
from tests.support.lambdas import WHO, Lambdas, processes, wait_until, zipped

SOURCE = """
import os, time
from who import who
def handler(event, context):
    event = event or {}
    if event.get("fill"):
        with open("/tmp/full", "wb") as file:
            while True: file.write(bytes(1 << 20))
    if event.get("files"):
        kept = []
        while True: kept.append(open("/tmp/f", "w"))
    if event.get("threads"):
        import threading
        while True: threading.Thread(target=time.sleep, args=(60,)).start()
    if event.get("memory"): return len(bytearray(1 << 30))
    if event.get("children"):
        for _ in range(20):
            if os.fork() == 0:
                os.setsid()
                kept = bytearray(60 << 20)
                time.sleep(60)
        time.sleep(60)
    if event.get("print"):
        while True: os.write(1, b"x\\n" * 30000)
    if event.get("connect"):
        import socket
        host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
        kept = []
        while True: kept.append(socket.create_connection((host, int(port))))
    if event.get("exit"): os._exit(1)
    if event.get("stop"): os.kill(os.getpid(), 19)
    if event.get("close"):
        os.closerange(3, 64)
    time.sleep(event.get("sleep", 0))
    return who()
"""
Fault = Callable[["Machine"], None]


class Machine:
    """An engine that faults may break, and what it has started."""

    def __init__(self) -> None:
        self.engine = engine.start()
        self.lambdas = Lambdas(self.engine)
        self.name = self.lambdas.make(SOURCE, Timeout=2, EphemeralStorage={"Size": 512})
        self.call()
        self.held = _held(self)

    def call(self, **event: Any) -> Any:
        return self.lambdas.call(self.name, event)

    def runtime(self) -> psutil.Process:
        """Return the runtime of the environment that serves next."""
        (found,) = processes(self.call().payload)
        return found

    def child(self, word: str) -> psutil.Process:
        """Return the engine's child whose command line has this word."""
        found: list[psutil.Process] = []

        def is_there() -> bool:  # one that was killed is being replaced
            for one in psutil.Process(self.engine.pid).children():
                with suppress(psutil.Error):
                    found.extend([one] if any(word in part for part in one.cmdline()) else [])
            return bool(found)

        wait_until(is_there, 5)
        return found[0]

    def init(self) -> psutil.Process:
        parent = self.runtime().parent()
        assert parent
        return parent

    def waiting(self) -> psutil.Process:
        """Return the container that waits for an order: the newest child of the engine."""
        self.runtime()
        return max(psutil.Process(self.engine.pid).children(), key=lambda one: one.create_time())

    def scratch(self) -> Path:
        return Path(self.child("lambdadeck.engine.watchdog").cmdline()[-1])

    def prepared(self) -> psutil.Process:
        """Return the process that waits in it to become a runtime."""
        return self.waiting().children()[0]

    def invoking(self) -> threading.Thread:
        """Begin a call that lasts; its end is of no interest."""
        self.busy = self.runtime()

        def call() -> None:
            with suppress(BotoCoreError, ClientError):
                self.call(sleep=1)

        thread = threading.Thread(target=call)
        thread.start()
        time.sleep(0.2)
        return thread


def _in_a_call(fault: Fault) -> Fault:
    def run(machine: Machine) -> None:
        thread = machine.invoking()
        fault(machine)
        thread.join()

    return run


def _send(number: int, whom: Callable[[Machine], psutil.Process]) -> Fault:
    def run(machine: Machine) -> None:
        process = whom(machine)
        process.send_signal(number)
        if number == signal.SIGKILL:
            wait_until(lambda: not _lives(process))

    return run


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _busy(machine: Machine) -> psutil.Process:
    return machine.busy


def _event(**event: Any) -> Fault:
    def run(machine: Machine) -> None:
        machine.call(**event)

    return run


def _kill_engine(machine: Machine) -> None:
    pid = machine.engine.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: machine.engine.pid != pid)


def _damaged_code(machine: Machine) -> None:
    """Empty the unpacked code of a function whose next environment is a new one."""
    for file in machine.scratch().glob("code/*/app.py"):
        file.parent.chmod(0o700)
        file.chmod(0o600)
        file.write_text("this is no Python (")
    machine.call(exit=True)
    assert machine.call().error
    _update(machine, _package(" "))


def _package(more: str) -> bytes:
    return zipped({"app.py": SOURCE + more, "who.py": WHO})


def _update(machine: Machine, package: bytes) -> None:
    """Update the code when the last update has ended: one more meanwhile is refused."""
    client, name = machine.lambdas.client, machine.name

    def has_ended() -> bool:
        config = client.get_function_configuration(FunctionName=name)
        return str(config["LastUpdateStatus"]) != "InProgress"

    wait_until(has_ended)
    client.update_function_code(FunctionName=name, ZipFile=package)


def _bad_zip(machine: Machine) -> None:
    blob = bytearray(_package("# damaged"))
    blob[40:90] = bytes(50)
    for bad in (bytes(blob), blob[:200], b"PK"):
        with suppress(ClientError):
            _update(machine, bad)
            machine.call()
    _update(machine, _package("  "))


@contextmanager
def _limits(machine: Machine, kind: int, number: int) -> Iterator[None]:
    process = psutil.Process(machine.engine.pid)
    before = process.rlimit(kind)
    process.rlimit(kind, (number, before[1]))
    try:
        yield
    finally:
        process.rlimit(kind, before)


def _few_files(machine: Machine) -> None:
    machine.call(exit=True)
    with _limits(machine, psutil.RLIMIT_NOFILE, 16), suppress(BotoCoreError, ClientError):
        machine.call()


def _no_file_grows(machine: Machine) -> None:
    """Let no file of the engine grow, as on a full disk."""
    with _limits(machine, psutil.RLIMIT_FSIZE, 0), suppress(BotoCoreError, ClientError):
        _update(machine, _package("   "))
        machine.call()
    _update(machine, _package("    "))


def _lost_scratch(machine: Machine) -> None:
    """Remove the code below the engine, as a cleaner of temporary files would."""
    shutil.rmtree(machine.scratch() / "code", ignore_errors=True)
    machine.call(exit=True)
    machine.call()
    _update(machine, _package("     "))


def _taken_port(machine: Machine) -> None:
    """Take the engine's port while it restarts, and leave it after a while."""
    pid, port = machine.engine.pid, int(machine.engine.endpoint.rsplit(":", 1)[1])
    os.kill(pid, signal.SIGKILL)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):
            other.bind(("127.0.0.1", port))
            other.listen()
            time.sleep(0.5)
    wait_until(lambda: machine.engine.pid != pid)


def _strangers(machine: Machine) -> None:
    """Open and drop connections, half requests among them."""
    port = int(machine.engine.endpoint.rsplit(":", 1)[1])
    for words in (b"", b"GET", b"POST /2015-03-31/functions/x/invocations HTTP/1.1\r\n\r\n") * 20:
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(words)


def _socket(machine: Machine) -> socket.socket:
    return socket.create_connection(
        ("127.0.0.1", int(machine.engine.endpoint.rsplit(":", 1)[1])), timeout=20
    )


def _signed(machine: Machine, event: str) -> bytes:
    """Return an Invoke as it goes over the wire."""
    signing = machine.lambdas.boto("lambda")
    sent: list[bytes] = []

    def note(request: Any, **_: Any) -> Any:
        path = request.url.split("/", 3)[3]
        head = [f"{name}: {_text(value)}" for name, value in request.headers.items()]
        host = machine.engine.endpoint.removeprefix("http://")
        lines = [f"POST /{path} HTTP/1.1", f"Host: {host}", *head]
        body = request.body if isinstance(request.body, bytes) else request.body.encode()
        sent.append("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        raise InterruptedError

    signing.meta.events.register("before-send.lambda.Invoke", note)
    with suppress(InterruptedError):
        signing.invoke(FunctionName=machine.name, Payload=event)
    return sent[0]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _client_leaves(machine: Machine) -> None:
    """Hang up during a call; the call ends as it would."""
    with _socket(machine) as one:
        one.sendall(_signed(machine, '{"sleep": 0.5}'))
        time.sleep(0.2)


def _half_sent(machine: Machine) -> None:
    with _socket(machine) as one, _socket(machine) as other:
        request = _signed(machine, '{"sleep": 0}')
        one.sendall(request[: len(request) // 2])
        other.sendall(request[:-3])
        assert _answers(machine)


def _slow_reader(machine: Machine) -> None:
    """Read an answer of 5 MB byte by byte, and then no more."""
    big = machine.lambdas.make("def handler(event, context): return 'x' * 5_000_000", Timeout=9)
    name, machine.name = machine.name, big
    with _socket(machine) as one:
        one.sendall(_signed(machine, "{}"))
        assert all(one.recv(1) for _ in range(1000))
        machine.name = name
        assert _answers(machine)
    machine.lambdas.client.delete_function(FunctionName=big)


def _deleted_in_a_call(machine: Machine) -> None:
    """Delete a function while it runs; the call goes on, as in AWS."""
    short = machine.lambdas.make("import time\ndef handler(event, context): time.sleep(event)")
    thread = threading.Thread(target=machine.lambdas.call, args=(short, 1))
    thread.start()
    time.sleep(0.4)
    machine.lambdas.client.delete_function(FunctionName=short)
    thread.join()


def _burst(meanwhile: Fault) -> Fault:
    """Call from four threads until `meanwhile` is over, whatever it does to the calls."""

    def run(machine: Machine) -> None:
        over = threading.Event()

        def call() -> None:
            while not over.is_set():
                with suppress(BotoCoreError, ClientError):
                    machine.call()

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        meanwhile(machine)
        over.set()
        for thread in threads:
            thread.join()

    return run


def _updates(machine: Machine) -> None:
    for n in range(5):
        code = _package(f"\n# {n}")
        _update(machine, code)


def _terminate_engine(machine: Machine) -> None:
    pid = machine.engine.pid
    os.kill(pid, signal.SIGTERM)
    wait_until(lambda: machine.engine.pid != pid)


def _bad_init(source: str, **config: Any) -> Fault:
    """Call a function whose INIT fails, and delete it."""

    def run(machine: Machine) -> None:
        bad = machine.lambdas.make(source, Timeout=1, **config)
        assert machine.lambdas.call(bad).error
        machine.lambdas.client.delete_function(FunctionName=bad)

    return run


def _damaged_state(machine: Machine) -> None:
    """Damage what the engine has saved of a function, then kill the engine."""
    lost = machine.lambdas.make("def handler(event, context): return 1")
    for file in Path(machine.engine.settings.state).glob("*.json"):
        if f'"{lost}"' in file.read_text():
            file.write_text(file.read_text()[:100])
    _kill_engine(machine)


def _few_processes(machine: Machine) -> None:
    """Let no more processes start; root's are not counted."""
    machine.call(exit=True)
    with _limits(machine, psutil.RLIMIT_NPROC, 1), suppress(BotoCoreError, ClientError):
        machine.call()
    machine.call()


def _stopped_for_a_while(machine: Machine) -> None:
    """Stop and continue the engine in a call, as a laptop's sleep does: clocks jump."""
    process = psutil.Process(machine.engine.pid)
    process.suspend()
    time.sleep(3)
    process.resume()


_WRAPPER = {"Variables": {"AWS_LAMBDA_EXEC_WRAPPER": "/opt/nothing"}}
FAULTS: dict[str, Fault] = {
    "idle runtime killed": _send(signal.SIGKILL, Machine.runtime),
    "idle init killed": _send(signal.SIGKILL, Machine.init),
    "idle runtime continued": _send(signal.SIGCONT, Machine.runtime),
    "runtime killed in a call": _in_a_call(_send(signal.SIGKILL, _busy)),
    "runtime stopped in a call": _in_a_call(_send(signal.SIGSTOP, _busy)),
    "runtime interrupted in a call": _in_a_call(_send(signal.SIGINT, _busy)),
    "function ends its process": _event(exit=True),
    "function stops itself": _event(stop=True),
    "function closes its descriptors": _event(close=True),
    "function fills /tmp": _event(fill=True),
    "function opens too many files": _event(files=True),
    "function starts too many threads": _event(threads=True),
    "function takes too much memory": _event(memory=True),
    "function sleeps too long": _event(sleep=9),
    "sandbox process killed": _send(signal.SIGKILL, lambda m: m.child("sandbox_process")),
    "sandbox process stopped": _send(signal.SIGSTOP, lambda m: m.child("sandbox_process")),
    "waiting container killed": _send(signal.SIGKILL, Machine.waiting),
    "prepared runtime killed": _send(signal.SIGKILL, Machine.prepared),
    "prepared runtime stopped": _send(signal.SIGSTOP, Machine.prepared),
    "waiting container stopped": _send(signal.SIGSTOP, Machine.waiting),
    "watchdog killed": _send(signal.SIGKILL, lambda m: m.child("engine.watchdog")),
    "engine killed": _kill_engine,
    "engine killed in a call": _in_a_call(_kill_engine),
    "engine terminated": _terminate_engine,
    "engine's port taken": _taken_port,
    "engine stopped for 3 s in a call": _in_a_call(_stopped_for_a_while),
    "few descriptors": _few_files,
    "no file grows": _no_file_grows,
    "damaged packages": _bad_zip,
    "unpacked code damaged": _damaged_code,
    "unpacked code removed": _lost_scratch,
    "connections dropped": _strangers,
    "function takes too much memory in children": _event(children=True),
    "function prints without end": _event(print=True),
    "function opens connections without end": _event(connect=True),
    "INIT hangs": _bad_init("import time\ntime.sleep(60)"),
    "INIT ends its process": _bad_init("import os\nos._exit(1)"),
    "wrapper is missing": _bad_init("", Environment=_WRAPPER),
    "client leaves in a call": _client_leaves,
    "half a request": _half_sent,
    "client reads slowly": _slow_reader,
    "function deleted in a call": _deleted_in_a_call,
    "code updated in a burst": _burst(_updates),
    "engine terminated in a burst": _burst(_terminate_engine),
    "engine killed in a burst": _burst(_kill_engine),
    "saved function damaged": _damaged_state,
    "few processes": _few_processes,
}


def after(machine: Machine, fault: str) -> list[str]:
    """Cause a fault, and return what is wrong then."""
    FAULTS[fault](machine)
    wrong = []
    for what in ("calls", "cold starts"):
        try:
            wait_until(lambda: _answers(machine), 60)
        except AssertionError:
            wrong.append(f"the next {what} fail")
        machine.call(exit=True)  # the next call needs a new environment
    with suppress(AssertionError):
        wait_until(lambda: not _more(machine), 5)
    return wrong + _more(machine)


def _more(machine: Machine) -> list[str]:
    """Return zombies, and what the engine holds more than at its start."""
    more = [f"zombie {process}" for process in _zombies(machine)]
    for what, number in _held(machine).items():
        if number > (most := machine.held[what] + SLACK[what]):
            more.append(f"{number} {what}, {most} at most")
    return more


# Four environments more, of two processes; the scratch folder of an environment; a code to come.
SLACK = {"descriptors": 32, "processes": 8, "folders": 4, "packages": 2}


def _held(machine: Machine) -> dict[str, int]:
    process, scratch = psutil.Process(machine.engine.pid), machine.scratch()
    return {
        "descriptors": process.num_fds(),
        "processes": len(process.children(recursive=True)),
        "folders": sum(1 for _ in scratch.iterdir()),
        "packages": sum(1 for _ in (scratch / "code").iterdir()),
    }


def _zombies(machine: Machine) -> list[psutil.Process]:
    children = psutil.Process(machine.engine.pid).children(recursive=True)
    return [one for one in children if one.is_running() and not _lives(one)]


def _answers(machine: Machine) -> bool:
    try:
        return machine.call().error is None
    except (BotoCoreError, ClientError):
        return False


def left(machine: Machine) -> list[str]:
    """Stop the engine and return what it has left behind."""
    marker, scratch = machine.engine.settings.role.marker, machine.scratch().parent
    folders = set(scratch.iterdir())
    machine.engine.stop()
    time.sleep(0.5)
    found = [f"process {one.pid}" for one in psutil.process_iter() if _marked(one, marker)]
    mine = Path(tempfile.gettempdir())
    return found + [str(f) for f in folders & set(mine.iterdir()) if marker in f.name]


def _marked(process: psutil.Process, marker: str) -> bool:
    with suppress(psutil.Error, OSError):
        return any(marker in value for value in process.environ().values())
    return False


if __name__ == "__main__":
    machine = Machine()
    for fault in sys.argv[1:] or FAULTS:
        begun = time.perf_counter()
        try:
            wrong = after(machine, fault)
        except Exception as error:  # noqa: BLE001  # the list goes on
            wrong = [repr(error)[:300]]
        print(f"{fault}: {wrong or 'ok'} ({time.perf_counter() - begun:.1f} s)", flush=True)
        if wrong:
            machine.engine.stop()
            machine = Machine()
    print("left:", left(machine) or "nothing")
