"""One process of an execution environment: its output, memory, time, freezing and end."""

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psutil
import pytest

from lambdadeck.engine.execution.process import RuntimeProcess, spawn, with_pipe
from tests.support.cases import each


class Watched:
    """A process of Python source, with what it wrote and how it ended."""

    def __init__(self, source: str) -> None:
        self.output, self.ended = b"", asyncio.get_running_loop().create_future()
        output, write_end = os.pipe()
        spawned = spawn([sys.executable, "-u", "-c", source], {}, Path("/"), write_end)
        os.close(write_end)
        self.process = RuntimeProcess(
            spawned, output, self._wrote, lambda process, code: self.ended.set_result(code)
        )

    def _wrote(self, data: bytes) -> None:
        self.output += data

    async def until(self, text: bytes) -> None:
        async with asyncio.timeout(60):
            while text not in self.output:
                await asyncio.sleep(0.005)


def test_what_a_process_wrote_last_is_there_when_it_has_ended():
    async def run():
        watched = Watched(
            "import os; os.write(1, b'out'); os.write(2, b'err' * 100000); os._exit(3)"
        )
        assert await watched.ended == 3 and watched.output == b"out" + b"err" * 100000

    asyncio.run(run())


@each("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_signal_is_told_as_a_negative_code(number):
    async def run():
        watched = Watched(f"import os; os.kill(os.getpid(), {int(number)})")
        assert await watched.ended == -number

    asyncio.run(run())


def test_frozen_it_is_stopped_and_thawed_it_goes_on_and_killed_it_ends():
    async def run():
        watched = Watched("import time\nprint('up')\ntime.sleep(600)")
        await watched.until(b"up")
        handle = psutil.Process(watched.process.pid)
        for act, status in ((watched.process.freeze, True), (watched.process.thaw, False)):
            act()
            async with asyncio.timeout(60):
                while (handle.status() == psutil.STATUS_STOPPED) != status:
                    await asyncio.sleep(0.005)
        watched.process.freeze()
        watched.process.kill()
        assert await watched.ended == -signal.SIGKILL
        watched.process.kill()  # again does no harm
        assert watched.process.resident_bytes() == 0

    asyncio.run(run())


def test_no_signal_goes_to_a_group_whose_leader_was_reaped(monkeypatch):
    sent = []
    monkeypatch.setattr(os, "killpg", lambda group, number: sent.append(psutil.pid_exists(group)))

    async def run():
        watched = Watched("pass")
        await watched.ended
        watched.process.kill()
        watched.process.thaw()
        assert watched.process.resident_bytes() == 0 == watched.process.cpu_s()
        assert watched.process.mount_namespace() is None

    asyncio.run(run())
    assert sent == [True]  # to the children that outlive it, while it is a zombie


def test_children_that_outlive_the_process_are_killed():
    async def run():
        child = "import subprocess; print(subprocess.Popen(['/bin/sleep', '600']).pid)"
        watched = Watched(child)
        await watched.ended
        _, left = psutil.wait_procs(_existing(int(watched.output)), timeout=60)
        assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []

    asyncio.run(run())


DAEMON = """
import os, signal, time
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
if os.fork() == 0:
    os.setsid()
    block = b'x' * (50 << 20)
    while True: time.sleep(.01)
print([int(p) for p in open('/proc/self/task/%d/children' % os.getpid()).read().split()])
signal.sigwait({signal.SIGUSR1})
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_without_a_container_a_daemon_that_was_seen_freezes_thaws_counts_and_dies_too():
    async def run():
        watched = Watched(DAEMON)
        await watched.until(b"]")
        daemon = psutil.Process(int(watched.output.strip(b"[]\n")))
        async with asyncio.timeout(60):
            while watched.process.resident_bytes() < 50 << 20:
                watched.process.look()
                await asyncio.sleep(0.01)
        for act, status in ((watched.process.freeze, True), (watched.process.thaw, False)):
            act()
            async with asyncio.timeout(60):
                while (daemon.status() == psutil.STATUS_STOPPED) != status:
                    await asyncio.sleep(0.005)
        os.kill(watched.process.pid, signal.SIGUSR1)  # now nobody is its parent
        await watched.ended
        _, left = psutil.wait_procs([daemon], timeout=60)
        assert left == []

    asyncio.run(run())


def _existing(pid):
    return [psutil.Process(pid)] if psutil.pid_exists(pid) else []


def test_memory_and_cpu_time_grow_as_they_are_used():
    async def run():
        watched = Watched(
            "import signal, time\nsignal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})\n"
            "print('up')\n"
            "signal.sigwait({signal.SIGUSR1})\nx = b'x' * (50 << 20)\nt = time.process_time()\n"
            "while time.process_time() - t < .1: pass\nprint('used')\ntime.sleep(600)"
        )
        await watched.until(b"up")
        memory, cpu = watched.process.resident_bytes(), watched.process.cpu_s()
        os.kill(watched.process.pid, signal.SIGUSR1)
        await watched.until(b"used")
        assert watched.process.resident_bytes() - memory > 45 << 20
        if sys.platform == "linux":
            assert 0.09 < watched.process.cpu_s() - cpu < 0.5
        watched.process.kill()
        await watched.ended

    asyncio.run(run())


def test_a_command_that_is_not_there_is_an_oserror_and_leaks_no_descriptor():
    threads = ThreadPoolExecutor(1)

    async def run():
        before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
        for _ in range(5):
            with pytest.raises(FileNotFoundError):
                await with_pipe(partial(spawn, ["/nowhere/at/all"], {}, Path("/")), threads)
        after = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
        assert after == before

    asyncio.run(run())
