"""The command and the environment variables of each runtime, as AWS documents them."""

import importlib.metadata
import platform
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from lambdadeck.engine.execution.host import python_runtime
from lambdadeck.engine.execution.order import OPTIONS
from lambdadeck.engine.execution.sandbox import LANGUAGE, python
from lambdadeck.engine.languages.clients import RUNTIMES
from lambdadeck.engine.languages.commands import COMMANDS, Command, runs_as
from lambdadeck.engine.model import Credentials, FunctionSpec

PYTHON = RUNTIMES / "python"
# Lambda developer guide, "Defined runtime environment variables"; values as recorded from AWS
# (LocalStack's AWS-validated tests, Apache License 2.0, November 2025 to February 2026).
DEFAULTS = {
    "PATH": "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
    "LANG": LANGUAGE,
    "TZ": ":UTC",
    "AWS_XRAY_CONTEXT_MISSING": "LOG_ERROR",
    "AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:2000",  # nobody listens: traces are dropped
    "_AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1",
    "_AWS_XRAY_DAEMON_PORT": "2000",
}
NO_SHELL = ("java", "provided")  # AWS starts the others by a shell script, which sets PWD and SHLVL
WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
# AWS's Python runtimes hold the runtime client and boto3 with its dependencies.
CLIENT = ("awslambdaric", "snapshot-restore-py", "simplejson")
BOTO3 = ("boto3", "botocore", "s3transfer", "jmespath", "python-dateutil", "six", "urllib3")
PYTHON_DISTRIBUTIONS = (*CLIENT, *BOTO3)
# Variables that an interpreter or the C library reads when it starts.
AT_START = ("PYTHON", "LD_", "LC_", "LANG", "MALLOC_", "GLIBC_")


class Launcher:
    """Returns the command of an environment that starts, with its variables."""

    def __init__(
        self,
        scratch: Path,
        endpoint: str,
        role: Credentials,
        assume: Callable[[FunctionSpec, Credentials], None],
    ) -> None:
        self._assume = assume
        self._python_dir = link_python_runtime(python_runtime(scratch))
        self._endpoint, self._role = endpoint, role
        self._commands = {"python": self._python, **COMMANDS}

    def __call__(self, spec: FunctionSpec, address: str, stream: str, tmp: Path) -> Command:
        """Return the command of one environment; raise OSError if the runtime is unavailable.

        The function's variables override those of the runtime; the reserved ones override both.
        """
        family = next((name for name in self._commands if spec.runtime.startswith(name)), None)
        if family is None:
            raise OSError(
                f"This machine cannot run {spec.runtime}: the embedded Lambda runs Python, "
                "Node.js, Java, C# and, as provided.al2023, whatever brings its own bootstrap."
            )
        command = _wrapped(self._commands[family](spec), spec)
        runtime = command.runtime or self._python_dir
        places = {"LD_LIBRARY_PATH": _libraries(spec, runtime), "TMPDIR": str(tmp)}
        if family not in NO_SHELL:
            places |= {"PWD": str(spec.code), "SHLVL": "0"}
        own = {**DEFAULTS, **places, **command.variables, **spec.environment}
        reserved = self._reserved(spec, address, stream, runtime)
        prepared = command.prepared and not any(map(_at_start, spec.environment))
        variables = {**own, **reserved}
        return replace(command, variables=variables, runtime=runtime, prepared=prepared)

    def _reserved(
        self, spec: FunctionSpec, address: str, stream: str, runtime: Path
    ) -> dict[str, str]:
        """Return the variables that no function overrides; AWS_ENDPOINT_URL points boto3 to us."""
        own = self._role.session(f"{spec.role} {spec.arn}")
        self._assume(spec, own)
        return {
            **defined(spec, stream),
            "LAMBDA_TASK_ROOT": str(spec.code),
            "LAMBDA_RUNTIME_DIR": str(runtime),  # in the sandbox /var/runtime, as in AWS
            "AWS_LAMBDA_RUNTIME_API": address,
            "AWS_ACCESS_KEY_ID": own.access_key,
            "AWS_SECRET_ACCESS_KEY": own.secret_key,
            "AWS_SESSION_TOKEN": own.token,
            "AWS_ENDPOINT_URL": self._endpoint,
        }

    def _python(self, spec: FunctionSpec) -> Command:
        # Lambda developer guide, "Layer paths"
        places = (f"python/lib/{spec.runtime}/site-packages", "python")
        layers = [str(layer / place) for layer in spec.layers for place in places]
        words = python_command(self._python_dir, spec.code, layers)
        label = runs_as(spec.runtime, "python", platform.python_version())
        variables = {"PYTHONPATH": str(self._python_dir)}
        return Command(words, label, variables, self._python_dir, prepared=True)


def _at_start(name: str) -> bool:
    return name.startswith(AT_START)


def defined(spec: FunctionSpec, stream: str) -> dict[str, str]:
    """Return the reserved variables that do not depend on the machine.

    Source: Lambda developer guide, "Defined runtime environment variables".
    """
    is_custom, is_json = spec.runtime.startswith("provided"), spec.log_format == "JSON"
    logging = {"AWS_LAMBDA_LOG_FORMAT": "JSON", "AWS_LAMBDA_LOG_LEVEL": spec.application_level}
    return {
        **({name: value for name, value in logging.items() if value} if is_json else {}),
        "_HANDLER": spec.handler,
        "AWS_REGION": spec.region,
        "AWS_DEFAULT_REGION": spec.region,
        **({} if is_custom else {"AWS_EXECUTION_ENV": f"AWS_Lambda_{spec.runtime}"}),
        "AWS_LAMBDA_FUNCTION_NAME": spec.name,
        "AWS_LAMBDA_FUNCTION_VERSION": spec.version,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(spec.memory_mb),
        "AWS_LAMBDA_LOG_GROUP_NAME": spec.log_group,
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_INITIALIZATION_TYPE": spec.initialization,
    }


def _libraries(spec: FunctionSpec, runtime: Path) -> str:
    """Return LD_LIBRARY_PATH; where /opt is not ours, the layers' own folder stands for it."""
    opt = spec.layers[0] if spec.layers else Path("/opt")
    own = (runtime, runtime / "lib", spec.code, spec.code / "lib", opt / "lib")
    return ":".join(["/var/lang/lib", "/lib64", "/usr/lib64", *map(str, own)])


def _wrapped(command: Command, spec: FunctionSpec) -> Command:
    """Return the command after the function's wrapper script, which OS-only runtimes ignore."""
    wrapper = spec.environment.get(WRAPPER)
    if not wrapper or spec.runtime.startswith("provided"):
        return command
    for shown, folder in (("/var/task", spec.code), ("/opt", (spec.layers or (Path("/opt"),))[0])):
        if wrapper.startswith(f"{shown}/"):
            wrapper = f"{folder}{wrapper.removeprefix(shown)}"
    return replace(command, words=[wrapper, *command.words], prepared=False)


def python_command(runtime: Path, code: Path, layers: Sequence[str] = ()) -> list[str]:
    """Return the command that runs `code` with the client in `runtime`."""
    return [python(), *OPTIONS, f"{runtime}/bootstrap.py", str(code), str(runtime), *layers]


def link_python_runtime(
    folder: Path, distributions: tuple[str, ...] = PYTHON_DISTRIBUTIONS
) -> Path:
    """Fill a folder with links to the packages of these distributions, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in distributions:
        for top, source in _top_level(name).items():
            if not (folder / top).exists():
                (folder / top).symlink_to(source)
    shutil.copy(PYTHON / "bootstrap.py", folder)
    if not any(folder.glob("runtime_client.*")):  # awslambdaric has a native half on Linux only
        shutil.copy(PYTHON / "pure" / "runtime_client.py", folder)
    return folder


def _top_level(distribution: str) -> dict[str, Path]:
    found = importlib.metadata.distribution(distribution)
    tops = {
        file.parts[0]
        for file in found.files or ()
        if not file.parts[0].startswith((".", "__pycache__"))
    }
    return {top: Path(str(found.locate_file(top))) for top in tops}
