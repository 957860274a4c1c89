"""Replace a file atomically."""

import os
import tempfile
from pathlib import Path


def replace(target: Path, content: bytes, mode: int = 0o600, *, sync: bool = False) -> None:
    """Write the file with these permissions: whatever happens, it has the old content or all.

    `sync` includes a power cut: it waits until the content is on the disk.
    """
    handle, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            if sync:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
