"""Amazon's Runtime Interface Emulator, unpacked from the wheel of aws-sam-cli into a cache."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from benchmarks.measure import BenchError

VERSION = "1.170.0"  # of aws-sam-cli, 2026-10-22
SHA256 = {
    "x86_64": "6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5",
    "arm64": "ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21",
}
_NAMES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "arm64", "arm64": "arm64"}


def cache() -> Path:
    """Where the binary is kept between runs."""
    return (
        Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        / "lambdadeck"
        / f"aws-sam-cli-{VERSION}"
    )


def binary(
    folder: Path | None = None, system: str = platform.system(), machine: str = platform.machine()
) -> Path:
    """Return the emulator, fetched if necessary; raise BenchError if unavailable or unknown."""
    architecture = _NAMES.get(machine.lower())
    if system != "Linux" or architecture is None:
        raise BenchError(
            "Amazon's Runtime Interface Emulator runs on Linux (x86_64, arm64), not on "
            f"{system} {machine}."
        )
    path = (folder or cache()) / "aws-lambda-rie"
    if not path.exists():
        _unpack(f"samcli/local/rapid/aws-lambda-rie-{architecture}", path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != SHA256[architecture]:
        raise BenchError(
            f"{path} is not the emulator of aws-sam-cli {VERSION} (SHA-256 {found}): "
            "delete it, start again."
        )
    return path


def _unpack(member: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        with zipfile.ZipFile(_download(Path(folder))) as wheel:
            part = Path(folder) / "part"
            part.write_bytes(wheel.read(member))
        part.chmod(0o755)
        part.rename(path)


def _download(folder: Path) -> Path:
    command = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--only-binary",
        ":all:",
        "--dest",
        str(folder),
        f"aws-sam-cli=={VERSION}",
    ]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    except (subprocess.SubprocessError, OSError) as problem:
        raise BenchError(
            f"aws-sam-cli {VERSION}, which holds Amazon's emulator, could not be fetched: "
            f"{getattr(problem, 'stderr', '') or problem}"
        ) from problem
    return next(folder.glob("*.whl"))
