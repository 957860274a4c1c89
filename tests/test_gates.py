"""The gates: ruff's lint and format, and mypy in strict mode."""

import subprocess
import sys
from pathlib import Path

import pytest

GATES = {"lint": ("ruff", "check"), "format": ("ruff", "format", "--check"), "types": ("mypy",)}


@pytest.mark.parametrize("gate", GATES)
def test_the_gate_is_green(gate: str, root: Path) -> None:
    command = [sys.executable, "-m", *GATES[gate]]
    ran = subprocess.run(command, cwd=root, text=True, capture_output=True)
    assert ran.returncode == 0, f"{' '.join(GATES[gate])}:\n{ran.stdout}{ran.stderr}"
