"""The TypeScript compiler that checks our JavaScript: npm installs it from tests/javascript."""

import hashlib
import shutil
import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "javascript"
MODULES = FOLDER / "node_modules"
OPTIONS = ("--include=dev", "--ignore-scripts", "--prefer-offline", "--fetch-retries=1")


class NotInstalledError(Exception):
    """The compiler cannot be installed; the message says why and what to do."""


def compiler() -> list[str]:
    """Return the command line of tsc; install it first if needed; raise NotInstalledError."""
    for program, package in (("node", "nodejs"), ("npm", "npm")):
        if shutil.which(program) is None:
            raise NotInstalledError(
                f"Without {program} the types of JavaScript are not checked. "
                f"Get it with scripts/test --install, or install {package} yourself."
            )
    _install()
    return ["node", str(MODULES / "typescript" / "bin" / "tsc"), "--pretty", "false"]


def _install() -> None:
    stamp, lock = MODULES / ".installed", (FOLDER / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted:
        return
    npm = subprocess.run(["npm", "ci", *OPTIONS], cwd=FOLDER, text=True, capture_output=True)
    if npm.returncode:
        why = "\n".join(npm.stderr.splitlines()[:3])
        raise NotInstalledError(
            "npm could not install the TypeScript compiler, which checks the types of JavaScript. "
            f"This needs the network once; then run scripts/test again.\n{why}"
        )
    stamp.write_text(wanted)
