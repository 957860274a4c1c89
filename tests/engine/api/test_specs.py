"""Code is unpacked once, on threads, and its folder is freed when no function needs it."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from lambdadeck.engine.api.packages import PackageError
from lambdadeck.engine.api.specs import FunctionSpecs
from tests.support.lambdas import zipped


def stored(source: str, name: str = "one", built: str = "1") -> dict:
    arn = f"arn:aws:lambda:eu-west-1:000000000000:function:{name}"
    config = {"FunctionName": name, "FunctionArn": arn, "MemorySize": 128, "Timeout": 3}
    code = zipped({"app.py": source})
    return {"_built": built, "code_zip": code, "config": {**config, "CodeSha256": source}}


def spec(specs: FunctionSpecs, record: dict):
    return specs.get(record, record["config"], record)


def test_many_callers_wait_for_one_build_and_share_it(tmp_path):
    specs, record = FunctionSpecs(tmp_path, lambda layer: None), stored("x")
    with ThreadPoolExecutor(8) as threads:
        built = [threads.submit(spec, specs, record) for _ in range(50)]
        assert len({id(one.result()) for one in built}) == 1
    record["concurrency"] = 5
    assert spec(specs, record).reserved == 5


def test_the_folder_of_replaced_or_deleted_code_is_freed_once_no_environment_uses_it(tmp_path):
    specs = FunctionSpecs(tmp_path, lambda layer: None)
    old = spec(specs, stored("old")).code
    other = spec(specs, stored("other", name="two")).code
    new = spec(specs, stored("new", built="2")).code
    assert specs.unused({old}) == specs.unused({old}) == []
    assert specs.unused(set()) == []  # a call may be about to use it
    freed = specs.unused(set())
    assert [folder.name.startswith(f".{old.name}-") for folder in freed] == [True]
    assert new.exists() and other.exists() and not old.exists()
    specs.forget(stored("other", name="two")["config"]["FunctionArn"])
    assert not specs.unused(set()) and len(specs.unused(set())) == 2  # and the renamed one
    assert spec(specs, stored("old", built="3")).code.exists()


def test_a_build_that_failed_is_tried_again(tmp_path):
    specs = FunctionSpecs(tmp_path, lambda layer: None)
    record = {**stored("x"), "code_zip": b"no zip"}
    for _ in range(2):
        with pytest.raises(PackageError):
            spec(specs, record)
    assert spec(specs, stored("x")).code.exists()
