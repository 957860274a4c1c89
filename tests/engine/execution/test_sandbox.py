"""Runtimes in namespaces: what they see, and what they cannot."""

import os
import signal
import subprocess
import sys

import psutil
import pytest

from lambdadeck.engine.execution import sandbox, sandbox_process
from lambdadeck.engine.execution.sandbox import Order
from tests.support.cases import each
from tests.support.lambdas import wait_until


@pytest.fixture
def started():
    box = sandbox.start()
    if box is None:
        pytest.skip(
            "this machine allows no namespaces: functions get TMPDIR instead of a /tmp of their own"
        )
    yield box
    box.close()


def run(box, source, code, tmp_mb=64, keep=(), namespace=None, layers=None):
    read_end, write_end = os.pipe()
    command = [os.path.realpath(sys.executable), "-S", "-c", source]
    shown = {"/var/task": str(code)} | ({"/opt": str(layers)} if layers else {})
    order = Order(command, {"A": "1"}, shown, tmp_mb, [sys.base_prefix, *keep])
    pid = box.spawn(order, write_end, namespace)
    os.close(write_end)
    with open(read_end, "rb") as output:
        text = output.read().decode()
    return text, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_code_stands_read_only_at_var_task_which_is_where_it_starts(started, tmp_path):
    (tmp_path / "app.py").write_text("x")
    source = (
        "import os\nprint(os.getcwd(), os.listdir('.'))\n"
        "try: open('new', 'w')\nexcept OSError as e: print(e.strerror)"
    )
    text, code = run(started, source, tmp_path)
    assert (text, code) == ("/var/task ['app.py']\nRead-only file system\n", 0)
    assert os.listdir(tmp_path) == ["app.py"]


def test_tmp_is_empty_of_the_given_size_and_nobody_elses(started, tmp_path):
    source = (
        "import os\nv = os.statvfs('/tmp')\n"
        "print(v.f_blocks * v.f_frsize >> 20, 'mine' in os.listdir('/tmp'))\n"
        "open('/tmp/mine', 'w').close()"
    )
    assert [run(started, source, tmp_path, tmp_mb=size)[0] for size in (32, 64)] == [
        "32 False\n",
        "64 False\n",
    ]
    assert not os.path.exists("/tmp/mine")


def test_what_has_to_be_kept_below_a_hidden_folder_is_kept(started, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("x")
    source = f"import os\nprint(os.path.exists({str(tmp_path / 'kept/file')!r}))"
    hidden = run(started, source, tmp_path / "kept")[0] == "False\n"
    assert hidden == str(tmp_path).startswith(sandbox_process.HIDDEN)
    assert run(started, source, tmp_path, keep=[str(tmp_path / "kept")])[0] == "True\n"


def test_layers_stand_read_only_at_opt_beside_what_the_machine_has_there(started, tmp_path):
    (tmp_path / "layer/python").mkdir(parents=True)
    (tmp_path / "layer/python/one.py").write_text("1")
    (tmp_path / "layer/note").write_text("2")
    (tmp_path / "layer/link").symlink_to("note")
    source = (
        "import os\nprint(sorted(os.listdir('/opt')), "
        "open('/opt/python/one.py').read(), open('/opt/link').read())\n"
        "for place in ('/opt/new', '/opt/python/new'):\n"
        " try: open(place, 'w')\n except OSError as e: print(e.strerror)"
    )
    there = os.listdir("/opt") if os.path.isdir("/opt") else pytest.skip("this machine has no /opt")
    text, _ = run(started, source, tmp_path, layers=tmp_path / "layer")
    assert (
        text
        == f"{sorted({*there, 'python', 'note', 'link'})} 1 2\n" + "Read-only file system\n" * 2
    )
    assert sorted(os.listdir("/opt")) == sorted(there)


LOCKED = """
import sys
from lambdadeck.engine.execution import sandbox_process as s
from lambdadeck.shared import namespaces as n
s._enter()
s._mount("none", sys.argv[1], "tmpfs", s.MS_NOSUID | s.MS_NODEV)
n.unshare(n.CLONE_NEWNS | n.CLONE_NEWUSER)
s._make_read_only(sys.argv[1])
print([line.split()[3] for line in open("/proc/self/mounts") if line.split()[1] == sys.argv[1]][0])
"""


def test_what_is_mounted_without_set_user_ids_can_be_shown_in_a_user_namespace_too(
    started, tmp_path
):
    """Many systems mount /tmp so, and a user namespace cannot clear an inherited mount's flags."""
    options = subprocess.run(
        [sys.executable, "-c", LOCKED, tmp_path], capture_output=True, text=True, check=True
    ).stdout
    assert {"ro", "nosuid", "nodev"} <= {*options.strip().split(",")}


def test_a_runtime_holds_its_standard_streams_and_nothing_of_the_engines(started, tmp_path):
    source = (
        "import os\nprint([fd for fd in os.listdir('/proc/self/fd')"
        " if os.path.exists(f'/proc/self/fd/{fd}')])"
    )
    assert run(started, source, tmp_path)[0] == "['0', '1', '2']\n"


def test_a_kept_namespace_keeps_its_tmp(started, tmp_path):
    read_end, write_end = os.pipe()
    command = [
        os.path.realpath(sys.executable),
        "-S",
        "-c",
        "import os, time\nopen('/tmp/left', 'w').close()\nos.write(1, b'.')\ntime.sleep(600)",
    ]
    pid = started.spawn(
        Order(command, {}, {"/var/task": str(tmp_path)}, 8, [sys.base_prefix]), write_end
    )
    os.read(read_end, 1)
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    text, _ = run(
        started, "import os\nprint(os.listdir('/tmp'), os.getcwd())", tmp_path, namespace=namespace
    )
    assert "left" in text and "/var/task" in text
    for handle in (read_end, write_end, namespace):
        os.close(handle)


def test_a_command_that_is_not_there_says_so_and_ends(started, tmp_path):
    read_end, write_end = os.pipe()
    pid = started.spawn(Order(["/nowhere"], {}, {"/var/task": str(tmp_path)}, 8, []), write_end)
    os.close(write_end)
    with open(read_end, "rb") as output:
        assert b"No such file" in output.read()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 127


@each("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_sandbox_process_that_was_killed_or_stopped_is_replaced(number, tmp_path):
    box = sandbox.start()
    if box is None:
        pytest.skip("this machine allows no namespaces")
    first = waiting(box)
    box._process.send_signal(number)
    for _ in range(3):  # the first may still be served by the process that waited
        assert run(box, "print(1)", tmp_path) == ("1\n", 0)
    assert not first.is_running() and waiting(box)
    box.close()
    assert not [p for p in psutil.Process().children() if "sandbox_process" in str(p.cmdline())]


def waiting(box):
    """Return the child process that waits for the next order."""

    def found():
        return [
            child
            for child in psutil.Process().children()
            if child.cmdline() == psutil.Process(box._process.pid).cmdline()
            and child.pid != box._process.pid
        ]

    wait_until(lambda: len(found()) == 1)
    return found()[0]


def test_one_process_waits_for_the_next_order_and_ends_with_the_sandbox(started, tmp_path):
    box = sandbox.start()
    first = waiting(box)
    assert run(box, "import os\nprint(os.getpid())", tmp_path)[0] == f"{first.pid}\n"
    second = waiting(box)
    assert second.pid != first.pid
    box.close()
    assert not psutil.pid_exists(second.pid)


def test_when_the_process_that_waited_was_killed_another_serves_and_none_is_left(started, tmp_path):
    victim = waiting(started)
    victim.kill()
    wait_until(lambda: victim.status() == psutil.STATUS_ZOMBIE)
    assert run(started, "print(1)", tmp_path) == ("1\n", 0)
    assert not psutil.pid_exists(victim.pid)


def test_where_the_platform_has_none_there_is_none(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert sandbox.start() is None
