"""What an execution environment sees of the machine, and what it may do.

The sandbox process enters the root that all containers share; each container then adds its own
folders, covers the machine's root and gives up its rights.
"""

import ctypes
import os
import platform
import resource
import stat

from lambdadeck.engine.execution.order import (
    LANG,
    OPEN_FILES,
    OPT,
    PROCESSES,
    RUNTIME_DIR,
    TASK_ROOT,
    Order,
)
from lambdadeck.shared.namespaces import CLONE_NEWNS, CLONE_NEWUSER, LIBC, checked, enter, unshare
from lambdadeck.shared.paths import ROOT

SYSTEM = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "nix", "gnu")
DEVICES = ("null", "zero", "full", "random", "urandom")
LINKS = {"fd": "self/fd", "stdin": "self/fd/0", "stdout": "self/fd/1", "stderr": "self/fd/2"}
OWN = ("/tmp", "/proc", "/dev/shm", TASK_ROOT, RUNTIME_DIR, LANG, OPT)
STAGE = "/sys"  # where the root is built: nothing needs the folder that it covers
OUTSIDE = "/.outside"  # the machine's root until a container covers it
SHM = "size=64m,nr_inodes=16k,mode=1777"  # a file takes a kilobyte of memory, also an empty one
NOBODY = 65534  # root's functions run as this user

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC = 1, 2, 4, 8
MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 32, 4096, 16384, 1 << 18
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
CAPABILITY_VERSION_3 = 0x20080522
LANDLOCK_CREATE_RULESET, LANDLOCK_RESTRICT_SELF, SCOPE_ABSTRACT_SOCKETS = 444, 446, 1
KEYCTL_CALL, JOIN_SESSION_KEYRING = {"x86_64": 250, "aarch64": 219}, 1
CAPABILITIES_OF_THIS_PROCESS = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
NO_CAPABILITIES = (ctypes.c_uint32 * 6)()
NO_ABSTRACT_SOCKETS = (ctypes.c_uint64 * 3)(0, 0, SCOPE_ABSTRACT_SOCKETS)


def mount(
    source: str, target: str, kind: str | None = None, flags: int = 0, data: str | None = None
) -> None:
    """Call mount(2); raise OSError."""
    assert LIBC
    words = [text.encode() if text is not None else None for text in (source, target, kind)]
    options = data.encode() if data else None
    checked(LIBC.mount(*words, ctypes.c_ulong(flags), options), f"mount {target}")


def change_root(python_runtime: str, toolchain: str) -> None:
    """Enter the root that containers share, in a mount namespace whose mounts nobody else sees.

    Python's runtime and toolchain stand in it; the machine's own root is at OUTSIDE.
    """
    assert LIBC
    enter(CLONE_NEWNS)
    # A keyring of their own, not the user's with tickets and keys; the kernel may lack them.
    LIBC.syscall(KEYCTL_CALL[platform.machine()], JOIN_SESSION_KEYRING, None)
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", STAGE, "tmpfs", MS_NOSUID | MS_NODEV, "size=4m,mode=755")
    for name in SYSTEM:
        _show_system(f"/{name}")
    _hide(str(ROOT))
    for path in (*OWN, OUTSIDE):
        os.makedirs(f"{STAGE}{path}", exist_ok=True)
    for name in DEVICES:
        _bind(f"/dev/{name}", f"{STAGE}/dev/{name}")
    for name, target in LINKS.items():
        os.symlink(f"/proc/{target}", f"{STAGE}/dev/{name}")
    for path in (toolchain, os.path.realpath("/etc/resolv.conf")):
        _show_outside(path, path)
    _show_outside(toolchain, LANG)
    _show_packages(python_runtime)
    checked(LIBC.pivot_root(STAGE.encode(), f"{STAGE}{OUTSIDE}".encode()), "pivot_root")
    os.chdir("/")


def _show_system(path: str) -> None:
    if os.path.islink(path):
        os.symlink(os.readlink(path), f"{STAGE}{path}")
    elif os.path.isdir(path):
        _bind(path, f"{STAGE}{path}")
        _make_read_only(f"{STAGE}{path}")


def _hide(path: str) -> None:
    """Cover a folder that stands in a system's one."""
    if os.path.isdir(f"{STAGE}{path}"):
        mount("tmpfs", f"{STAGE}{path}", "tmpfs", MS_RDONLY, "size=0")


def _show_outside(path: str, target: str) -> None:
    if not _is_system(target) and os.path.exists(path):
        _bind(path, f"{STAGE}{target}")
        _make_read_only(f"{STAGE}{target}")


def _is_system(path: str) -> bool:
    return path.split("/")[1] in SYSTEM


def _show_packages(folder: str) -> None:
    """Show the packages that a folder links to, and its own files, at /var/runtime."""
    for name in os.listdir(folder):
        _show_outside(os.path.realpath(f"{folder}/{name}"), f"{RUNTIME_DIR}/{name}")


def _bind(source: str, target: str) -> None:
    """Show a file or a folder at another place."""
    if stat.S_ISDIR(os.stat(source).st_mode):
        os.makedirs(target, exist_ok=True)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
    mount(source, target, None, MS_BIND | MS_REC)


def _make_read_only(target: str) -> None:
    locked = MS_NOSUID | MS_NODEV | MS_NOEXEC  # a user namespace may not drop these
    kept = os.statvfs(target).f_flag & locked
    mount("none", target, None, MS_REMOUNT | MS_BIND | MS_RDONLY | kept)


def limit_all() -> None:
    """Set the limits that all runtimes have."""
    limit(resource.RLIMIT_CORE, 0)
    limit(resource.RLIMIT_NOFILE, OPEN_FILES)


def begin() -> None:
    """Mount what every container has of its own: /proc, /dev/shm and /tmp."""
    _mount_proc()
    mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, SHM)
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=1777")


def _mount_proc() -> None:
    mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)


def furnish(order: Order) -> None:
    """Show the function's folders, size /tmp, cover the machine's root."""
    assert LIBC
    flags = MS_REMOUNT | MS_NOSUID | MS_NODEV
    mount(
        "tmpfs",
        "/tmp",
        "tmpfs",
        flags,
        f"size={order.tmp_mb}m,nr_inodes={order.tmp_mb * 256},mode=1777",
    )
    for target, source in order.shown.items():
        if target == OPT:
            _show_layers(OUTSIDE + source)
        elif not _is_system(target):
            _bind(OUTSIDE + source, target)
            _make_read_only(target)
    # Taking it away would wait for all processors; nothing in a container can uncover it.
    mount("tmpfs", OUTSIDE, "tmpfs", MS_RDONLY, "size=0")
    _make_read_only("/")


def _show_layers(layers: str) -> None:
    """Show the layers at /opt, beside a toolchain there."""
    mount("tmpfs", OPT, "tmpfs", MS_NOSUID | MS_NODEV, "size=1m,mode=755")
    for name in os.listdir(layers):
        path = f"{layers}/{name}"
        if stat.S_ISLNK(os.lstat(path).st_mode):
            os.symlink(os.readlink(path), f"{OPT}/{name}")
        else:
            _bind(path, f"{OPT}/{name}")
            _make_read_only(f"{OPT}/{name}")
    _make_read_only(OPT)


def reenter(order: Order, namespace: int) -> None:
    """Enter a kept namespace; furnish this one if a sandbox process that has ended had made it."""
    assert LIBC
    try:
        checked(LIBC.setns(namespace, CLONE_NEWNS), "setns")
    except PermissionError:
        furnish(order)
    else:
        _mount_proc()  # of this container's processes


def give_up() -> None:
    """Give up the rights of a container's init, and let nobody trace it."""
    _leave_root()
    _drop_capabilities()
    _prctl(PR_SET_DUMPABLE, 0)


def confine() -> None:
    """Give up all rights for good: not root, no capabilities, limits."""
    if _leave_root():
        _prctl(PR_SET_DUMPABLE, 1)  # or /proc/self belongs to root
    _own_user_namespace()
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _drop_capabilities()
    _leave_abstract_sockets()


def limit(kind: int, most: int) -> None:
    """Set a resource limit, not above the one that is there."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _leave_root() -> bool:
    """Stop being root; return whether this process was root and could."""
    if os.getuid():
        return False
    try:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
    except OSError:  # root of a user namespace that has no other user
        return False
    return True


def _own_user_namespace() -> None:
    """Enter a user namespace that has no rights over the mounts, and that counts processes."""
    user, group = os.getuid(), os.getgid()
    try:
        unshare(CLONE_NEWUSER)
    except OSError:  # root may make containers where others may not
        return
    _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"{user} {user} 1")
    _write("/proc/self/gid_map", f"{group} {group} 1")
    _write("/proc/sys/user/max_user_namespaces", "0")  # nor has one that the function makes
    limit(resource.RLIMIT_NPROC, PROCESSES)


def _write(path: str, text: str) -> None:
    handle = os.open(path, os.O_WRONLY)
    try:
        os.write(handle, text.encode())
    finally:
        os.close(handle)


def _leave_abstract_sockets() -> None:
    """Give up sockets that have no file, such as X11's: from Linux 6.12 on, with Landlock."""
    assert LIBC
    size = ctypes.sizeof(NO_ABSTRACT_SOCKETS)
    handle = LIBC.syscall(LANDLOCK_CREATE_RULESET, NO_ABSTRACT_SOCKETS, size, 0)
    if handle >= 0:
        LIBC.syscall(LANDLOCK_RESTRICT_SELF, handle, 0)
        os.close(handle)


def _drop_capabilities() -> None:
    assert LIBC
    checked(LIBC.capset(CAPABILITIES_OF_THIS_PROCESS, NO_CAPABILITIES), "capset")


def _prctl(option: int, value: int) -> None:
    assert LIBC
    checked(LIBC.prctl(option, value, 0, 0, 0), "prctl")
