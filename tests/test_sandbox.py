"""Runtimes in namespaces: what they see, and what they cannot."""

import os
import sys

import pytest

from lambdadeck.local import sandbox
from lambdadeck.local.sandbox import Order


@pytest.fixture
def started():
    box = sandbox.start()
    if box is None:
        pytest.skip("this machine allows no namespaces: functions get TMPDIR instead of a /tmp of their own")
    yield box
    box.close()


def run(box, source, code, tmp_mb=64, keep=(), namespace=None):
    read_end, write_end = os.pipe()
    command = [os.path.realpath(sys.executable), "-S", "-c", source]
    order = Order(command, {"A": "1"}, {"/var/task": str(code)}, tmp_mb, [sys.base_prefix, *keep])
    pid = box.spawn(order, write_end, namespace)
    os.close(write_end)
    with open(read_end, "rb") as output:
        text = output.read().decode()
    return text, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_code_stands_read_only_at_var_task_which_is_where_it_starts(started, tmp_path):
    (tmp_path / "app.py").write_text("x")
    source = "import os\nprint(os.getcwd(), os.listdir('.'))\ntry: open('new', 'w')\nexcept OSError as e: print(e.strerror)"
    text, code = run(started, source, tmp_path)
    assert (text, code) == ("/var/task ['app.py']\nRead-only file system\n", 0)
    assert os.listdir(tmp_path) == ["app.py"]


def test_tmp_is_empty_of_the_given_size_and_nobody_elses(started, tmp_path):
    source = ("import os\nv = os.statvfs('/tmp')\nprint(v.f_blocks * v.f_frsize >> 20, 'mine' in os.listdir('/tmp'))\n"
              "open('/tmp/mine', 'w').close()")
    assert [run(started, source, tmp_path, tmp_mb=size)[0] for size in (32, 64)] == ["32 False\n", "64 False\n"]
    assert not os.path.exists("/tmp/mine")


def test_what_has_to_be_kept_below_a_hidden_folder_is_kept(started, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/file").write_text("x")
    source = f"import os\nprint(os.path.exists({str(tmp_path / 'kept/file')!r}))"
    hidden = run(started, source, tmp_path / "kept")[0] == "False\n"
    assert hidden == str(tmp_path).startswith(sandbox.HIDDEN)
    assert run(started, source, tmp_path, keep=[str(tmp_path / "kept")])[0] == "True\n"


def test_a_runtime_holds_its_standard_streams_and_nothing_of_the_engines(started, tmp_path):
    source = "import os\nprint([fd for fd in os.listdir('/proc/self/fd') if os.path.exists(f'/proc/self/fd/{fd}')])"
    assert run(started, source, tmp_path)[0] == "['0', '1', '2']\n"


def test_a_kept_namespace_keeps_its_tmp(started, tmp_path):
    read_end, write_end = os.pipe()
    command = [os.path.realpath(sys.executable), "-S", "-c",
               "import os, time\nopen('/tmp/left', 'w').close()\nos.write(1, b'.')\ntime.sleep(600)"]
    pid = started.spawn(Order(command, {}, {"/var/task": str(tmp_path)}, 8, [sys.base_prefix]), write_end)
    os.read(read_end, 1)
    namespace = os.open(f"/proc/{pid}/ns/mnt", os.O_RDONLY)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    text, _ = run(started, "import os\nprint(os.listdir('/tmp'), os.getcwd())", tmp_path, namespace=namespace)
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


def test_when_the_process_has_ended_spawning_says_so(tmp_path):
    box = sandbox.start()
    if box is None:
        pytest.skip("this machine allows no namespaces")
    box._process.kill()
    box._process.wait()
    with pytest.raises(OSError):
        run(box, "", tmp_path)
    box.close()


def test_where_the_platform_has_none_there_is_none(monkeypatch):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert sandbox.start() is None
