"""How each runtime is started: the command and the environment variables that AWS documents, and nothing of the host's."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from lambdadeck.engine.execution.host import Launch
from lambdadeck.engine.languages.commands import COMMANDS, RUNTIMES, Command, runs_as
from lambdadeck.engine.model import Credentials, FunctionSpec

PYTHON = RUNTIMES / "python"
PATH = "/usr/local/bin:/usr/bin:/bin:/opt/bin"
# What AWS's Python runtimes bring along: the runtime client and boto3 with its dependencies.
PYTHON_DISTRIBUTIONS = (
    "awslambdaric",
    "snapshot-restore-py",
    "simplejson",
    "boto3",
    "botocore",
    "s3transfer",
    "jmespath",
    "python-dateutil",
    "six",
    "urllib3",
)
# Symbols of the interpreter are bound at once: 0.8 ms less of a cold start. The bootstrap takes it away, by this value.
PYTHON_STARTS_WITH = {"LD_BIND_NOW": "bootstrap"}


def variables(
    spec: FunctionSpec,
    address: str,
    stream: str,
    tmp: Path,
    endpoint: str,
    role: Credentials,
    of_runtime: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment variables of an execution environment: the function's own, then the reserved ones over them.

    Those of the runtime (`of_runtime`) come first of all: a function may override them. Source of the names: the Lambda
    developer guide, "Defined runtime environment variables". AWS_ENDPOINT_URL is ours: it leads `import boto3` inside
    the function to the same cloud.
    """
    return {
        "PATH": PATH,
        "LANG": "en_US.UTF-8",
        "TZ": ":UTC",
        **(of_runtime or {}),
        **spec.environment,
        "_HANDLER": spec.handler,
        "LAMBDA_TASK_ROOT": str(spec.code),
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        **(
            {}
            if spec.runtime.startswith("provided")
            else {"AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}"}
        ),
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_LOG_FORMAT": spec.log_format,
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_RUNTIME_API": address,
        "AWS_ACCESS_KEY_ID": role.access_key,
        "AWS_SECRET_ACCESS_KEY": role.secret_key,
        "AWS_SESSION_TOKEN": role.token,
        "AWS_ENDPOINT_URL": endpoint,
        "TMPDIR": str(tmp),
    }


class Launcher:
    """Knows the machine's runtimes; called by an environment that starts."""

    def __init__(self, scratch: Path, endpoint: str, role: Credentials) -> None:
        self._endpoint, self._role = endpoint, role
        self._python_dir = link_python_runtime(scratch / "python-runtime")
        self._commands = {"python": self._python, **COMMANDS}

    def prepare(self) -> None:
        """Read ahead what every Python environment reads; to be called before the first one is started."""
        prepare_python_runtime(self._python_dir)

    def __call__(self, spec: FunctionSpec, address: str, stream: str, tmp: Path) -> Launch:
        """The launch of one environment; raises OSError with a sentence when the runtime is not to be had here."""
        family = next((name for name in self._commands if spec.runtime.startswith(name)), None)
        if family is None:
            raise OSError(
                f"This machine cannot run {spec.runtime}: the embedded Lambda runs Python, Node.js, Java, C# "
                "and, as provided.al2023, whatever brings its own bootstrap."
            )
        command = self._commands[family](spec)
        environment = variables(
            spec, address, stream, tmp, self._endpoint, self._role, command.variables
        )
        # In the sandbox this reads /var/runtime, whatever the language, as in AWS.
        environment["LAMBDA_RUNTIME_DIR"] = str(self._python_dir)
        return Launch(command.words, environment, command.label)

    def _python(self, spec: FunctionSpec) -> Command:
        places = (
            f"python/lib/{spec.runtime}/site-packages",
            "python",
        )  # Lambda developer guide, "Layer paths"
        layers = [str(layer / place) for layer in spec.layers for place in places]
        words = python_command(self._python_dir, spec.code, layers)
        return Command(
            words, runs_as(spec.runtime, "python", platform.python_version()), PYTHON_STARTS_WITH
        )


def python_command(runtime: Path, code: Path, layers: Sequence[str] = ()) -> list[str]:
    """What starts the function in `code` with the client in `runtime`; `layers` are folders to import from."""
    prepared = runtime / "bootstrap.main.pyc"
    bootstrap = prepared if prepared.exists() else PYTHON / "bootstrap.py"
    return [python(), "-S", "-B", str(bootstrap), str(code), str(runtime), *layers]


def python() -> str:
    """The interpreter itself, not a virtual environment's link to it: that one would drag the environment in."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def link_python_runtime(
    folder: Path, distributions: tuple[str, ...] = PYTHON_DISTRIBUTIONS
) -> Path:
    """A folder with links to the given distributions' packages and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in distributions:
        for top, source in _top_level(name).items():
            if not (folder / top).exists():
                (folder / top).symlink_to(source)
    if not any(folder.glob("runtime_client.*")):  # awslambdaric has a native half on Linux only
        shutil.copy(PYTHON / "pure" / "runtime_client.py", folder)
    return folder


def prepare_python_runtime(folder: Path) -> None:
    """Have the interpreter read ahead what every start reads; where it cannot, each start reads for itself."""
    command = [python(), "-S", "-B", str(PYTHON / "build_cache.py"), str(folder)]
    variables = {
        "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9"
    }  # importing the client reads it, and asks nobody
    done = subprocess.run(
        command, env=variables, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode:
        print(
            f"Cold starts of Python will be slower than they could be: {done.stderr}",
            file=sys.stderr,
        )


def _top_level(distribution: str) -> dict[str, Path]:
    found = importlib.metadata.distribution(distribution)
    tops = {
        file.parts[0]
        for file in found.files or ()
        if not file.parts[0].startswith((".", "__pycache__"))
    }
    return {top: Path(str(found.locate_file(top))) for top in tops}
