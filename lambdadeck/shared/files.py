"""Replace a file atomically."""

import os
import tempfile
from pathlib import Path


def replace(target: Path, content: bytes, mode: int = 0o600) -> None:
    """Write the file with these permissions: whatever happens, it has the old content or all."""
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
