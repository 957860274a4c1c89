"""The import cache for Python starts: used, invisible to functions, and off where it must be."""

import inspect
import json
import marshal
import subprocess

import pytest

from lambdadeck.engine.execution import launch

# Everything that a function could see of the modules that are there before it.
PICTURE = """
import inspect, json, os, re, sys, traceback
traceback.print_exc  # read now, if that was left for later
def seen(module):
    spec = module.__spec__
    return [getattr(module, "__file__", None), getattr(module, "__cached__", None),
            getattr(module, "__path__", None),
            spec and [spec.name, spec.origin, spec.cached, spec.parent], type(module).__name__,
            type(spec and spec.loader).__name__,
            sorted(vars(spec.loader)) if hasattr(spec and spec.loader, "path") else None]
def code(module):
    return sorted({value.__code__.co_filename for value in vars(module).values()
                   if inspect.isfunction(value)})
read = {name: module for name, module in sys.modules.items()
        if module.__class__ is type(sys) and name != "__main__"}
modules = {name: [seen(module), code(module)] for name, module in read.items()}
patterns = {name: [repr(value) for value in vars(module).values() if isinstance(value, re.Pattern)]
            for name, module in read.items()}
logging = sys.modules["logging"]
found = dict(modules=modules, patterns=patterns,
             finders=[str(finder) for finder in sys.meta_path], path=sys.path,
             compiled=re._compiler.compile.__module__,
             template=logging.Template("$a $$").substitute(a=1),
             future=getattr(sys.modules["__future__"], "mine", None),
             prepared=getattr(json, "prepared", None))
print(json.dumps(found), flush=True)
os._exit(0)
"""


@pytest.fixture(scope="module")
def runtimes(tmp_path_factory):
    """Return two folders with Python's client, without and with an import cache."""
    plain, prepared = (
        launch.link_python_runtime(tmp_path_factory.mktemp(name)) for name in ("plain", "prepared")
    )
    launch.prepare_python_runtime(prepared)
    return plain, prepared


@pytest.fixture
def start(tmp_path):
    """Start Python's client in a folder on a function that tells what it sees."""
    (tmp_path / "app.py").write_text(PICTURE)

    def started(runtime, **variables):
        surroundings = {
            "_HANDLER": "app.handler",
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:9",
            **variables,
        }
        command = launch.python_command(runtime, tmp_path)
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=True)
        return json.loads(done.stdout.replace(str(runtime), "RUNTIME"))

    return started


def marked(runtimes, tmp_path):
    """Prepare a folder whose json shows that it was used."""
    folder = launch.link_python_runtime(tmp_path / "marked")
    programs, modules, patterns = marshal.loads((runtimes[1] / "client.marshal").read_bytes())
    source = inspect.getsource(json) + "\nprepared = True\n"
    modules["json"] = modules["json"][0], marshal.dumps(compile(source, json.__file__, "exec"))
    (folder / "client.marshal").write_bytes(marshal.dumps((programs, modules, patterns)))
    return folder


@pytest.mark.parametrize("variables", [{}, {"PYTHONOPTIMIZE": "1"}], ids=["plain", "optimized"])
def test_a_function_sees_no_difference(runtimes, start, variables):
    plain, prepared = (start(runtime, **variables) for runtime in runtimes)
    assert len(plain["modules"]) > 40 and sum(map(len, plain["patterns"].values())) > 10
    differing = {
        name: (prepared["modules"].get(name), seen)
        for name, seen in plain["modules"].items()
        if prepared["modules"].get(name) != seen
    }
    assert not differing
    assert prepared == plain


def test_what_was_read_ahead_is_what_starts(runtimes, start, tmp_path):
    assert start(marked(runtimes, tmp_path))["prepared"] is True
    assert launch.python_command(runtimes[1], tmp_path)[3] == str(
        runtimes[1] / "bootstrap.main.pyc"
    )


def test_with_other_bytecode_asked_for_it_stays_away(runtimes, start, tmp_path):
    assert start(marked(runtimes, tmp_path), PYTHONOPTIMIZE="1")["prepared"] is None


@pytest.mark.parametrize("place", ["function", "PYTHONPATH"])
def test_a_function_that_brings_one_of_the_modules_itself_gets_its_own(
    runtimes, start, tmp_path, place
):
    import __future__

    folder = tmp_path if place == "function" else tmp_path / "more"
    folder.mkdir(exist_ok=True)
    (folder / "__future__.py").write_text(inspect.getsource(__future__) + "\nmine = True\n")
    seen = start(marked(runtimes, tmp_path), PYTHONPATH=str(folder))
    assert seen["future"] is True and seen["prepared"] is None


def test_where_nothing_can_be_read_ahead_it_is_said_and_python_starts_all_the_same(
    start, tmp_path, capfd
):
    folder = launch.link_python_runtime(tmp_path / "runtime", ("simplejson", "snapshot-restore-py"))
    launch.prepare_python_runtime(folder)
    assert "slower than they could be" in capfd.readouterr().err
    launch.link_python_runtime(folder)
    assert start(folder)["prepared"] is None
    assert not list(folder.glob("*.part")) and not (folder / "client.marshal").exists()
