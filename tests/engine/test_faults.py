"""A sample of the faults of `tests.support.faults`: the next call works, nothing is left."""

import sys

import pytest

from tests.support.faults import Machine, after, left

SAMPLE = (
    "waiting container stopped",
    "waiting container killed",
    "function closes its descriptors",
    "few descriptors",
    "damaged packages",
    "engine terminated",
    "function opens connections without end",
)


@pytest.mark.skipif(sys.platform != "linux", reason="the faults are those of a container")
def test_after_a_fault_the_next_calls_work_and_nothing_is_left():
    machine = Machine()
    try:
        assert machine.child("sandbox_process")
    except AssertionError:
        machine.engine.stop()
        pytest.skip("this system has no namespaces: nothing runs in a container")
    assert {fault: wrong for fault in SAMPLE if (wrong := after(machine, fault))} == {}
    assert left(machine) == []
