"""Nothing stays behind: the process that sees to it."""

import os
import signal
import subprocess
import sys
import uuid

import psutil
import pytest

from lambdadeck.engine import watchdog
from tests.support.lambdas import wait_until


def sleeper(marker: str, **options) -> subprocess.Popen:
    return subprocess.Popen(
        ["/bin/sleep", "600"], env={"MARK": marker}, start_new_session=True, **options
    )


@pytest.fixture
def marker():
    return f"marker-{uuid.uuid4().hex}"


def ended(process: subprocess.Popen) -> int:
    return process.wait(timeout=60)


def test_when_its_stdin_closes_it_kills_what_is_marked_and_removes_the_folder(marker, tmp_path):
    marked, other = sleeper(marker), sleeper("another")
    folder = tmp_path / "scratch"
    (folder / "deep").mkdir(parents=True)
    dog = watchdog.start(marker, folder)
    assert dog.poll() is None
    dog.stdin.close()
    assert ended(dog) == 0 and ended(marked) == -signal.SIGKILL and not folder.exists()
    assert other.poll() is None
    other.kill()
    other.wait()


def test_a_stopped_process_is_killed_too(marker):
    marked = sleeper(marker)
    os.kill(marked.pid, signal.SIGSTOP)
    watchdog.sweep(marker)
    ended(marked)  # its return code was taken by the sweep, which ran in the same process here
    assert not psutil.pid_exists(marked.pid) and watchdog.marked(marker) == []


def test_a_child_without_the_marker_dies_with_its_session(marker):
    code = (
        "import subprocess; p = subprocess.Popen(['/bin/sleep', '601'], env={});"
        " print(p.pid, flush=True); p.wait()"
    )
    leader = subprocess.Popen(
        [sys.executable, "-c", code],
        env={"MARK": marker},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    child = psutil.Process(int(leader.stdout.readline()))
    watchdog.sweep(marker)
    ended(leader)
    leader.stdout.close()
    _, left = psutil.wait_procs([child], timeout=30)
    assert [p for p in left if p.status() != psutil.STATUS_ZOMBIE] == []


def test_a_killed_one_is_replaced_and_the_new_one_does_its_work(marker, tmp_path):
    marked, folder = sleeper(marker), tmp_path / "scratch"
    folder.mkdir()
    kept = watchdog.Kept(marker, folder)
    first = _dogs(marker)
    first[0].kill()
    wait_until(lambda: _dogs(marker) not in ([], first))
    assert not first[0].is_running()
    kept.end()
    assert ended(marked) == -signal.SIGKILL and not folder.exists() and _dogs(marker) == []


def test_one_that_is_killed_just_before_the_end_has_its_work_done_by_another(marker, tmp_path):
    marked, folder = sleeper(marker), tmp_path / "scratch"
    folder.mkdir()
    kept = watchdog.Kept(marker, folder)
    _dogs(marker)[0].kill()
    kept.end()
    assert ended(marked) == -signal.SIGKILL and not folder.exists() and _dogs(marker) == []


def _dogs(marker) -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if marker in one.cmdline()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_no_polite_signal_ends_it_before_its_work(marker, number):
    marked = sleeper(marker)
    dog = watchdog.start(marker)
    _wait_ready(dog)
    dog.send_signal(number)
    assert dog.poll() is None
    dog.stdin.close()
    assert ended(dog) == 0 and ended(marked) == -signal.SIGKILL


def _wait_ready(dog: subprocess.Popen) -> None:
    """Wait until it ignores signals, if /proc shows that; elsewhere return immediately."""
    path = f"/proc/{dog.pid}/status"
    if os.path.exists(path):

        def ignores() -> bool:
            with open(path) as status:
                mask = next(line for line in status if line.startswith("SigIgn")).split()[1]
            return bool(int(mask, 16) & 1 << signal.SIGTERM - 1)

        wait_until(ignores)


def test_it_holds_nothing_of_its_starters_environment(marker, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    dog = watchdog.start(marker)
    assert "planted" not in psutil.Process(dog.pid).environ().values()
    dog.stdin.close()
    dog.wait()
