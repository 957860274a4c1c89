"""Start Python's bootstrap: modules that it loads lazily look like normal modules to functions."""

import pytest

from tests.support.lambdas import zipped

TRACE = """
import sys, threading, traceback
assert "linecache" not in sys.modules, "traceback was read at once"
def handler(event, context):
    def fail():
        try:
            1 / 0
        except ZeroDivisionError:
            traces.append(traceback.format_exc())
    traces, threads = [], [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [len(traces), len(set(traces)), traces[0].splitlines()[-1], type(traceback).__name__]
"""


def test_traceback_is_read_when_it_is_needed_also_by_many_threads_at_once(lambdas):
    assert lambdas.call(lambdas.make(TRACE)).payload == [
        8,
        1,
        "ZeroDivisionError: division by zero",
        "module",
    ]


def test_a_traceback_that_nobody_has_used_yet_is_a_module_like_any_other(lambdas):
    name = lambdas.make("""
        from traceback import *
        import importlib, importlib.util, inspect, traceback
        def handler(event, context):
            return [format_exc is traceback.format_exc,
                    traceback.__file__ == importlib.util.find_spec("traceback").origin,
                    inspect.getmodule(format_exc) is traceback,
                    importlib.reload(traceback) is traceback]
        """)
    assert lambdas.call(name).payload == [True, True, True, True]


def test_a_function_that_brings_its_own_traceback_gets_it_at_once(lambdas):
    code = zipped(
        {
            "traceback.py": "import sys\nmine = 'linecache' not in sys.modules\n",
            "app.py": "import traceback\ndef handler(event, context):"
            " return [traceback.mine, str(type(traceback))]",
        }
    )
    name = lambdas.make("")
    lambdas.client.update_function_code(FunctionName=name, ZipFile=code)
    assert lambdas.call(name).payload == [True, "<class 'module'>"]


def test_the_collector_runs_again_when_the_handler_is_imported(lambdas):
    name = lambdas.make(
        "import gc\nat_import = gc.isenabled()\n"
        "def handler(event, context): return [at_import, gc.isenabled()]"
    )
    assert lambdas.call(name).payload == [True, True]


@pytest.mark.parametrize("given", [{}, {"LD_BIND_NOW": "1"}], ids=["none", "the function's"])
def test_what_only_the_start_needed_is_gone_and_what_the_function_set_is_not(lambdas, given):
    name = lambdas.make(
        "import os\ndef handler(event, context): return os.environ.get('LD_BIND_NOW')",
        Environment={"Variables": given},
    )
    assert lambdas.call(name).payload == given.get("LD_BIND_NOW")
