"""Containers: what a runtime sees in its own, and how one is made."""

import ast
import os
import platform
import signal
import socket
import subprocess
import sys

import psutil
import pytest

from lambdadeck.engine.execution import container, sandbox
from lambdadeck.engine.execution.launch import link_python_runtime
from lambdadeck.engine.execution.order import Order
from lambdadeck.shared.paths import ROOT
from tests.support.cases import each
from tests.support.lambdas import wait_until


def start(folder):
    """Start a sandbox."""
    link_python_runtime(folder / "python-runtime")
    return sandbox.start(folder / "python-runtime", "no marker") or pytest.skip(
        "this machine allows no namespaces: runtimes are the engine's plain children"
    )


@pytest.fixture(autouse=True)
def readable(tmp_path):
    """Let others read what is shown: root's functions run as nobody."""
    tmp_path.chmod(0o755)


@pytest.fixture
def started(tmp_path_factory):
    box = start(tmp_path_factory.mktemp("sandbox"))
    yield box
    box.close()


def run(box, source, code, tmp_mb=64, shown=None, namespace=None):
    """Run Python in a container; return what it wrote and its code."""
    read_end, write_end = os.pipe()
    command = [os.path.realpath(sys.executable), "-S", "-c", source]
    folders = {"/var/task": str(code), **(shown or {})}
    child = box.spawn(Order(command, {"A": "1"}, folders, tmp_mb), write_end, namespace)
    os.close(write_end)
    with open(read_end, "rb") as output:
        text = output.read().decode()
    return text, child.wait()


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
        "print(v.f_blocks * v.f_frsize >> 20, v.f_files, 'mine' in os.listdir('/tmp'))\n"
        "open('/tmp/mine', 'w').close()"
    )
    assert [run(started, source, tmp_path, tmp_mb=size)[0] for size in (32, 64)] == [
        "32 8192 False\n",
        "64 16384 False\n",
    ]
    assert not os.path.exists("/tmp/mine")


def test_it_sees_the_system_the_toolchain_and_what_is_shown_and_nothing_else(started, tmp_path):
    (tmp_path / "tool/bin").mkdir(parents=True)
    (tmp_path / "layer/python").mkdir(parents=True)
    (tmp_path / "layer/python/one.py").write_text("1")
    (tmp_path / "layer/link").symlink_to("python/one.py")
    (tmp_path / "secret").write_text("s")
    tool = str(tmp_path / "tool")
    shown = {"/opt": str(tmp_path / "layer"), tool: tool, "/var/lang": tool}
    places = ["/", "/var", "/opt", "/var/lang", str(tmp_path), "/home", "/run", "/sys", str(ROOT)]
    source = (
        f"import os\nprint({{p: sorted(os.listdir(p)) for p in {places} if os.path.isdir(p)}})\n"
        "print(open('/opt/link').read(), os.path.exists('/var/runtime/boto3/session.py'))"
    )
    text, _ = run(started, source, tmp_path / "tool", shown=shown)
    seen = ast.literal_eval(text.splitlines()[0])
    assert text.splitlines()[1] == "1 True"
    assert seen["/var"] == ["lang", "runtime", "task"] and seen["/var/lang"] == ["bin"]
    assert seen["/opt"] == ["link", "python"] and seen[str(tmp_path)] == ["tool"]
    system = {*container.SYSTEM, "dev", "opt", "proc", "tmp", "var", ".outside"}
    on_the_way = {path.split("/")[1] for path in (tool, sys.base_prefix)}
    assert {*seen["/"]} - {"run", "mnt"} <= system | on_the_way  # the way to resolv.conf
    assert (
        "/sys" not in seen and not seen.get("/home") and not {*seen.get(str(ROOT), [])} - {".venv"}
    )


def test_nothing_that_it_sees_can_be_written_except_its_own(started, tmp_path):
    places = ["/", "/usr", "/etc", "/opt", "/var", "/var/task", "/var/runtime", "/var/lang", "/dev"]
    own = ["/tmp", "/dev/shm"]
    source = (
        f"import errno\nfor place in {places + own}:\n"
        " try: open(place + '/new', 'w'); print(place)\n"
        " except OSError as e: assert e.errno in (errno.EROFS, errno.EACCES), e"
    )
    assert run(started, source, tmp_path) == ("/tmp\n/dev/shm\n", 0)


RIGHTS = """
import os, resource, signal
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(os.getpid(), int(status["CapEff"], 16), int(status["CapPrm"], 16), int(status["NoNewPrivs"]))
print(os.getuid() != 0, resource.getrlimit(resource.RLIMIT_NOFILE)[0] <= 1024)
print(sorted(int(name) for name in os.listdir("/proc") if name.isdigit()))
os.kill(1, signal.SIGKILL)
for path in ("/proc/1/environ", "/proc/1/root", "/etc/shadow"):
    try: os.listdir(path) if path.endswith("root") else open(path).read()
    except OSError as error: print(type(error).__name__)
"""


def test_it_has_no_rights_and_cannot_harm_the_init(started, tmp_path):
    text, code = run(started, RIGHTS, tmp_path)
    assert code == 0
    assert text.splitlines() == ["3 0 0 1", "True True", "[1, 3]"] + ["PermissionError"] * 3


LANDLOCK = "import ctypes; print(ctypes.CDLL(None).syscall(444, None, 0, 1))"


def test_it_reaches_no_socket_without_a_file(started, tmp_path):
    """X11 listens on one, and lets every process of its user see and type."""
    version = int(subprocess.check_output([sys.executable, "-c", LANDLOCK], text=True))
    if version < 6:
        pytest.skip("Linux 6.12 and Landlock are needed")
    name = f"lambdadeck {os.getpid()}"
    source = f"""
import socket
with socket.socket(socket.AF_UNIX) as own, socket.socket(socket.AF_UNIX) as one:
    own.bind(chr(0) + "own")
    own.listen()
    one.connect(chr(0) + "own")
try: socket.socket(socket.AF_UNIX).connect(chr(0) + {name!r})
except PermissionError: print("refused")
"""
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(f"\0{name}")
        other.listen()
        assert run(started, source, tmp_path) == ("refused\n", 0)


def test_it_has_a_keyring_of_its_own(started, tmp_path):
    call = {"x86_64": 250, "aarch64": 219}[platform.machine()]
    source = f"import ctypes\nprint(ctypes.CDLL(None).syscall({call}, 0, -3, 0))"
    ours = subprocess.check_output([sys.executable, "-c", source], text=True)
    if ours == "-1\n":
        pytest.skip("this system has no keyrings")
    assert run(started, source, tmp_path)[0] not in ("", "-1\n", ours)


def test_processes_are_limited(started, tmp_path):
    source = """
import os
made = 0
try:
    while made < 3000:
        if os.fork() == 0:
            import time
            time.sleep(600)
        made += 1
except BlockingIOError:
    print(made)
"""
    text, _ = run(started, source, tmp_path)
    if not text:
        pytest.skip("this machine allows root containers but nobody a user namespace")
    assert int(text) < 1024


def test_a_new_user_namespace_gives_no_rights_either(started, tmp_path):
    source = "import ctypes\nprint(ctypes.CDLL(None).unshare(0x10000000))"
    assert run(started, source, tmp_path)[0] == "-1\n"


def test_all_processes_end_with_the_runtime_and_its_end_is_told(started, tmp_path):
    child = "os.fork() or (os.setsid(), os.fork() and os._exit(0), __import__('time').sleep(600))"
    ends = {"os._exit(7)": 7, "os.kill(os.getpid(), 11)": -11, "os._exit(139)": 139}
    for source, code in ends.items():
        text, ended = run(
            started, f"import os\nos.environ.clear()\n{child}\nos.close(1)\n{source}", tmp_path
        )
        assert (text, ended) == ("", code)


LOCKED = """
import sys
from lambdadeck.engine.execution import container as s
from lambdadeck.shared import namespaces as n
n.enter(n.CLONE_NEWNS)
s.mount("none", "/", None, s.MS_REC | s.MS_PRIVATE)
s.mount("none", sys.argv[1], "tmpfs", s.MS_NOSUID | s.MS_NODEV)
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


def test_a_kept_namespace_keeps_its_tmp_and_sees_the_new_processes(started, tmp_path):
    read_end, write_end = os.pipe()
    source = "import os, time\nopen('/tmp/left', 'w').close()\nos.write(1, b'.')\ntime.sleep(600)"
    command = [os.path.realpath(sys.executable), "-S", "-c", source]
    first = started.spawn(Order(command, {}, {"/var/task": str(tmp_path)}, 8), write_end)
    os.read(read_end, 1)
    namespace = os.open(f"/proc/{first.pid}/ns/mnt", os.O_RDONLY)
    os.kill(first.init, signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL and not psutil.pid_exists(first.pid)
    source = (
        "import os\nprint(os.listdir('/tmp'), os.getcwd(),"
        " os.getpid() == int(os.readlink('/proc/self')))"
    )
    assert run(started, source, tmp_path, namespace=namespace)[0] == "['left'] /var/task True\n"
    for handle in (read_end, write_end, namespace):
        os.close(handle)


def test_a_command_that_is_not_there_says_so_and_ends(started, tmp_path):
    read_end, write_end = os.pipe()
    child = started.spawn(Order(["/nowhere"], {}, {"/var/task": str(tmp_path)}, 8), write_end)
    os.close(write_end)
    with open(read_end, "rb") as output:
        assert b"No such file" in output.read()
    assert child.wait() == 127


def test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(started, tmp_path):
    before = psutil.Process().num_fds()
    for _ in range(3):
        with pytest.raises(OSError, match="No such file"):
            run(started, "", tmp_path / "nowhere")
    assert run(started, "print(1)", tmp_path) == ("1\n", 0)
    assert psutil.Process().num_fds() <= before + 6  # the pipes of run


def is_stopped_or_gone(pid):
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_STOPPED


@each("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_sandbox_process_that_was_killed_or_stopped_is_replaced(number, tmp_path):
    box = start(tmp_path)
    first = waiting(box)
    box._process.send_signal(number)
    wait_until(lambda: is_stopped_or_gone(box._process.pid))  # a killed one is no zombie
    for _ in range(3):  # the first may still be served by the container that waited
        assert run(box, "print(1)", tmp_path) == ("1\n", 0)
    assert not first.is_running() and waiting(box)
    box.close()
    assert not [p for p in psutil.Process().children() if "sandbox_process" in str(p.cmdline())]


def waiting(box):
    """Return the first process of the container that waits for the next order."""
    ours = psutil.Process(box._process.pid)

    def found():
        children = [child for child in psutil.Process().children() if _is_container(child)]
        return [child for child in children if child.cmdline() == ours.cmdline()]

    def _is_container(child):
        if child.pid == ours.pid or child.status() == psutil.STATUS_ZOMBIE:
            return False
        return [inner.cmdline() for inner in child.children()] == [ours.cmdline()]

    wait_until(lambda: len(found()) == 1)
    return found()[0]


def test_one_container_waits_for_the_next_order_and_ends_with_the_sandbox(tmp_path):
    box = start(tmp_path)
    first = waiting(box)
    assert run(box, "print(1)", tmp_path) == ("1\n", 0)
    assert not psutil.pid_exists(first.pid)
    second = waiting(box)
    box.close()
    assert not psutil.pid_exists(second.pid)


def test_when_the_container_that_waited_was_killed_another_serves_and_none_is_left(
    started, tmp_path
):
    victim = waiting(started)
    victim.kill()
    wait_until(lambda: victim.status() == psutil.STATUS_ZOMBIE)
    assert run(started, "print(1)", tmp_path) == ("1\n", 0)
    assert not psutil.pid_exists(victim.pid)


def test_where_the_platform_has_none_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert sandbox.start(tmp_path, "no marker") is None
