"""The zip files that a page unpacks: boto3, the package and its data, and a function's runtime."""

import io
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

from lambdadeck.shared.paths import ASSETS, ROOT

RUNTIME = ("awslambdaric", "simplejson", "snapshot-restore-py")
LIBRARIES = (
    *("boto3", "botocore", "jmespath", "platformdirs", "python-dateutil", "pyyaml"),
    *("s3transfer", "six", "urllib3"),
)
SERVICES = tuple(f"botocore/data/{name}/" for name in ("lambda/2015-03-31", "logs", "sqs"))
_LEFT_OUT = (".dist-info/", "boto3/data/", "boto3/examples/", "dateutil/zoneinfo/", "__pycache__/")
_DATA = ("functions", "prices", "runtimes", "measured", "quizzes", "deployment")
_PACKAGES = ("check", "install.py", "lock.py", "notebook", "stage", "export", "figures")
_RUNS = (
    *("__init__.py", "figure_markup.py", "runs/__init__.py", "runs/kernel.py", "runs/absent.py"),
    "runs/drawings.py",
)
_EPOCH = (1980, 1, 1, 0, 0, 0)


def runtime() -> bytes:
    """Return what an execution environment has at /var/runtime: Amazon's client and our half."""
    engine = ROOT / "lambdadeck" / "engine"
    own = [*(engine / "runtimes" / "browser").glob("*.py"), engine / "browser" / "green_threads.py"]
    files = {path.name: path.read_bytes() for path in own}
    return _zipped(files | dict(_libraries(RUNTIME)))


def site() -> bytes:
    """Return boto3 with its model of Lambda, the package without what needs a desktop, its data."""
    return _zipped(dict(_libraries(LIBRARIES)) | dict(_package()) | dict(_data()))


def licenses() -> str:
    """Return the license of everything that the page holds, with its name and version."""
    found = [_license(name) for name in (*RUNTIME, *LIBRARIES)]
    folder = ASSETS / "deck" / "runs" / "licenses"
    vendored = [
        f"{path.stem}\n\n{path.read_text(encoding='utf-8')}"
        for path in sorted(folder.glob("*.txt"))
    ]
    return "\n\n".join([*vendored, *found])


def _license(name: str) -> str:
    found = distribution(name)
    named = [file for file in found.files or () if _is_license(str(file))]
    texts = [Path(str(found.locate_file(file))).read_text("utf-8") for file in named]
    return "\n\n".join([f"{name} {found.version}", *texts])


def _is_license(path: str) -> bool:
    name = path.rpartition("/")[2].upper()
    return ".dist-info/" in path and name.startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE"))


def _libraries(names: tuple[str, ...]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        found = distribution(name)
        for file in found.files or ():
            if _belongs(path := file.as_posix()):
                yield path, Path(str(found.locate_file(file))).read_bytes()


def _belongs(path: str) -> bool:
    if path.startswith("botocore/data/") and path.count("/") > 2:
        return path.startswith(SERVICES) and "examples" not in path
    if path.startswith(".") or any(part in path for part in _LEFT_OUT):
        return False
    return path.endswith((".py", ".json", ".json.gz"))


def _package() -> Iterator[tuple[str, bytes]]:
    package = ROOT / "lambdadeck"
    for path in sorted(package.rglob("*.py")):
        name = path.relative_to(package).as_posix()
        if not name.startswith(_PACKAGES) or name.removeprefix("export/") in _RUNS:
            yield f"lambdadeck/{name}", path.read_bytes()


def _data() -> Iterator[tuple[str, bytes]]:
    yield "assets/deck/tokens.css", (ASSETS / "deck" / "tokens.css").read_bytes()
    for folder in _DATA:
        for path in sorted((ASSETS / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                yield f"assets/{path.relative_to(ASSETS).as_posix()}", path.read_bytes()


def _zipped(files: dict[str, bytes]) -> bytes:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as target:
        for name in sorted(files):
            target.writestr(zipfile.ZipInfo(name, _EPOCH), files[name])
    return archive.getvalue()
