"""The probe is one file of standard library, the same here and inside, and tells no secret."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

from lambdadeck import glance

FILE = Path(glance.__file__)


def test_the_probe_imports_the_standard_library_alone():
    tree = ast.parse(FILE.read_text())
    names = {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    names |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in names} <= set(sys.stdlib_module_names)


def test_the_handler_answers_what_the_probe_sees():
    seen, answered = glance.probe(), glance.handler({}, None)
    assert seen.keys() == answered.keys()
    assert answered["process"] == os.getpid()
    assert answered["kernel"] == seen["kernel"]


def test_the_answer_can_be_sent_as_json():
    seen = glance.probe()
    assert json.loads(json.dumps(seen)) == seen


def test_alone_in_a_folder_in_another_process_it_still_works(tmp_path):
    (tmp_path / "app.py").write_bytes(FILE.read_bytes())
    code = "import app, json; print(json.dumps(app.handler({}, None)))"
    variables = {"ONE": "1", "TWO": "2", "LC_CTYPE": "C.UTF-8"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=variables,
        capture_output=True,
        check=True,
        timeout=30,
    )
    seen = json.loads(done.stdout)
    assert seen["variables"] == 3
    assert str(tmp_path).encode() not in done.stdout
    assert seen["process"] != os.getpid()


def test_values_of_environment_variables_are_never_told(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted-secret")
    monkeypatch.setenv("ANYTHING_ELSE", "planted-too")
    assert "planted" not in json.dumps(glance.probe())


def test_a_machine_without_proc_has_unknowns_and_no_error(monkeypatch):
    monkeypatch.setattr(glance, "_lines", lambda path, start: [])
    seen = glance.probe()
    assert seen["processor"].startswith(f"{os.cpu_count()} × ")
    assert seen["memory MB"]
