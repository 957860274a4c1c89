"""AWS's SDK for JavaScript: installed if asked, from the lock, and then found as in AWS."""

import json
import os
import subprocess
import sys

import pytest

from lambdadeck import engine
from lambdadeck.engine.languages import cache, javascript_sdk
from tests.support.lambdas import Lambdas, zipped
from tests.support.speaking import needs

NPM = """#!/bin/sh
[ "$1" = ci ] && [ -f package-lock.json ] || exit 9
mkdir -p node_modules/@aws-sdk/client-s3
echo "exports.word = 'from the SDK';" > node_modules/@aws-sdk/client-s3/index.js
"""
FILES = {
    "required.js": "const { word } = require('@aws-sdk/client-s3');"
    "exports.handler = async () => word;",
    "imported.mjs": "import { word } from '@aws-sdk/client-s3';"
    "export const handler = async () => word;",
}


@pytest.fixture
def script(root, tmp_path):
    """Run scripts/javascript-sdk with an empty cache, and with this npm if one is given."""

    def run(npm=None):
        programs = tmp_path / "bin"
        programs.mkdir(exist_ok=True)
        if npm is not None:
            (programs / "npm").write_text(npm)
            (programs / "npm").chmod(0o755)
        path = os.environ["PATH"] if npm is not None else ""
        given = {"PATH": f"{programs}:{path}", "XDG_CACHE_HOME": str(tmp_path / "cache")}
        command = [sys.executable, root / "scripts" / "javascript-sdk"]
        return subprocess.run(command, env=os.environ | given, capture_output=True, text=True)

    return run


def test_npm_installs_it_once_from_the_lock(script, tmp_path):
    assert "AWS's SDK for JavaScript is in" in script(NPM).stdout
    (folder,) = (tmp_path / "cache" / "lambdadeck").glob("javascript-sdk-*")
    assert (folder / "node_modules/@aws-sdk/client-s3/index.js").is_file()
    assert script("#!/bin/sh\nexit 7\n").returncode == 0


def test_without_npm_and_if_npm_fails_a_sentence_says_so_and_nothing_is_left(script, tmp_path):
    missing, failed = script(), script("#!/bin/sh\nexit 7\n")
    assert (missing.returncode, missing.stderr.count("\n")) == (1, 1)
    assert "npm is missing: install it with Node.js" in missing.stderr
    assert (failed.returncode, "exit code 7" in failed.stderr) == (1, True)
    assert list((tmp_path / "cache" / "lambdadeck").iterdir()) == []


def test_every_package_of_the_lock_has_a_checksum():
    lock = json.loads((javascript_sdk.PACKAGES / "package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}
    assert len(packages) > 20
    assert [name for name, package in packages.items() if "integrity" not in package] == []


@pytest.fixture
def called(tmp_path, monkeypatch):
    """Call a handler of FILES on an engine whose cache is empty but for what a test puts there."""
    needs("nodejs")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    started = engine.start()
    lambdas = Lambdas(started)

    def call(name):
        lambdas.client.create_function(
            FunctionName=name,
            Runtime="nodejs22.x",
            Role="arn:aws:iam::000000000000:role/test",
            Handler=f"{name}.handler",
            MemorySize=512,
            Timeout=30,
            Code={"ZipFile": zipped(FILES)},
        )
        return lambdas.call(name)

    yield call
    started.stop()


def test_require_and_import_find_it(called, tmp_path):
    place = cache.place(javascript_sdk.NAME, javascript_sdk.contents(), tmp_path / "lambdadeck")
    (place / "node_modules/@aws-sdk/client-s3").mkdir(parents=True)
    (place / "node_modules/@aws-sdk/client-s3/index.js").write_text("exports.word = 'SDK';")
    assert [called(name).payload for name in ("required", "imported")] == ["SDK", "SDK"]


def test_without_it_the_error_says_how_to_get_it(called):
    for name in ("required", "imported"):
        failed = called(name).payload
        assert failed["errorType"] == "Runtime.ImportModuleError"
        assert "run scripts/javascript-sdk once" in failed["errorMessage"]
