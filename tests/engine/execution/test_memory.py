"""The memory that is left, also in a container with a limit; a full machine throttles."""

import errno

import psutil
import pytest

from lambdadeck.engine.execution import memory
from lambdadeck.engine.execution.host import Host


def test_a_docker_container_has_the_memory_of_its_limit(tmp_path):
    (tmp_path / "memory.max").write_text(f"{1024 * memory.MIB}\n")
    (tmp_path / "memory.current").write_text(f"{900 * memory.MIB}\n")
    assert (memory.total_mb(tmp_path), memory.free_mb(tmp_path)) == (1024, 124)
    assert memory.has_room(tmp_path)  # a sixteenth is free
    (tmp_path / "memory.current").write_text(f"{980 * memory.MIB}\n")
    assert not memory.has_room(tmp_path)


def test_no_limit_is_the_machine(tmp_path):
    machine = psutil.virtual_memory().total // memory.MIB
    assert memory.total_mb(tmp_path) == machine
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.total_mb(tmp_path) == machine


def test_a_full_machine_starts_no_runtime(tmp_path):
    host = Host(tmp_path, lambda *_: None, lambda *_: None, has_room=lambda: False)
    with pytest.raises(OSError, match="no memory left") as refused:
        host.start(None, None, None, -1)
    assert refused.value.errno == errno.ENOMEM
