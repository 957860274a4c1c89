"""A folder becomes a running function, again and again, through plain boto3."""

import io
import json
import os
import zipfile

import pytest

from lambdadeck import functions


def names(code: bytes) -> list[str]:
    return zipfile.ZipFile(io.BytesIO(code)).namelist()


def test_the_same_files_always_make_the_same_bytes(tmp_path):
    for order, name in enumerate(["b.py", "a.py", "package/c.py"]):
        path = tmp_path / "one" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"x = {name!r}\n")
        os.utime(path, (order * 1e6, order * 1e6))
    first = functions.pack(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    for path in (tmp_path / "two").rglob("*.py"):
        os.utime(path, (2e9, 2e9))
    assert functions.pack(tmp_path / "two") == first
    assert names(first) == ["a.py", "b.py", "package/c.py"]


def test_other_content_makes_other_bytes(tmp_path):
    (tmp_path / "app.py").write_text("one")
    first = functions.pack(tmp_path)
    (tmp_path / "app.py").write_text("two")
    assert functions.pack(tmp_path) != first


def test_what_python_and_jupyter_leave_behind_is_not_packed(tmp_path):
    for name in ["app.py", "__pycache__/app.pyc", ".ipynb_checkpoints/app.py", "data/.keep"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert names(functions.pack(tmp_path)) == ["app.py", "data/.keep"]


def test_one_file_can_be_a_function(tmp_path):
    (tmp_path / "glance.py").write_text("x = 1")
    assert names(functions.pack(tmp_path / "glance.py")) == ["glance.py"]


def test_files_can_be_read_by_whoever_unpacks_them_and_scripts_stay_executable(tmp_path):
    for name, mode in (("app.py", 0o600), ("bootstrap", 0o700)):
        (tmp_path / name).write_text("")
        (tmp_path / name).chmod(mode)
    entries = zipfile.ZipFile(io.BytesIO(functions.pack(tmp_path))).infolist()
    assert {entry.filename: entry.external_attr >> 16 for entry in entries} == {
        "app.py": 0o644,
        "bootstrap": 0o755,
    }


def test_a_missing_folder_is_named_with_the_demos_that_there_are(tmp_path):
    with pytest.raises(FileNotFoundError, match="no function code at .*nowhere.*greet"):
        functions.pack(tmp_path / "nowhere")


def test_an_empty_folder_is_refused(tmp_path):
    with pytest.raises(ValueError, match="is empty"):
        functions.pack(tmp_path)


def test_every_demo_function_is_packed_with_its_handler():
    for folder in functions.FUNCTIONS.iterdir():
        if (folder / "app.py").exists():
            assert "app.py" in names(functions.pack(folder)), folder
            compile((folder / "app.py").read_text(), str(folder), "exec")


def test_the_handler_of_2017_is_that_of_the_slide():
    source = (functions.FUNCTIONS / "glance-2017" / "app.py").read_text()
    assert source == (
        "import os\nimport platform\nimport sys\n\n"
        "def lambda_handler(event, context):\n"
        "    print(os.name)\n    print(platform.platform())\n    print(platform.machine())\n"
    )
