"""Python's bootstrap: what a function finds when it starts, forked or with an interpreter."""

from tests.support.lambdas import zipped


def test_a_function_that_brings_a_module_of_the_library_gets_its_own(lambdas):
    source = "import traceback\ndef handler(event, context): return traceback.mine"
    code = zipped({"traceback.py": "import sys\nmine = True\n", "app.py": source})
    name = lambdas.make("")
    lambdas.client.update_function_code(FunctionName=name, ZipFile=code)
    assert lambdas.call(name).payload is True


def test_the_collector_runs_when_the_handler_is_imported(lambdas):
    name = lambdas.make(
        "import gc\nat_import = gc.isenabled()\n"
        "def handler(event, context): return [at_import, gc.isenabled()]"
    )
    assert lambdas.call(name).payload == [True, True]
