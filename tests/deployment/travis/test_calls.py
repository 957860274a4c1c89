"""The calls that the provider would make: which, in which order, with which arguments."""

from types import SimpleNamespace

from lambdadeck.deployment.travis import calls, options, parser
from lambdadeck.deployment.travis.calls import Call, Plan

FULL = (
    "deploy:\n  provider: lambda\n  access_key_id: $KEY\n  secret_access_key: $KEY\n"
    "  function_name: f\n  role: arn:r\n  handler_name: go\n"
)
FACTS = {"KEY": "AKIAEXAMPLE", "TRAVIS_BUILD_NUMBER": "7"}
CODE = options.Setting(b"zip", ".: 1 file")


def settings(more=""):
    return options.settings(parser.read(FULL + more), FACTS)


def needed(more="", exists=False):
    return calls.needed(settings(more), CODE, exists)


def test_a_function_that_is_missing_is_created_in_one_call():
    create, wait = needed("  timeout: 20\n")
    assert (create.operation, wait.operation) == ("create_function", "wait function_active_v2")
    assert create.sent == {
        "FunctionName": "f",
        "Handler": "index.go",
        "Runtime": "nodejs12.x",
        "Role": "arn:r",
        "Timeout": 20,
        "MemorySize": 128,
        "Description": "Deploy build 7 to AWS Lambda via Travis CI",
        "TracingConfig": {"Mode": "PassThrough"},
        "Code": {"ZipFile": b"zip"},
    }


def test_a_function_that_is_there_is_updated_configuration_first():
    wait = "wait function_updated_v2"
    assert [call.operation for call in needed(exists=True)] == [
        "update_function_configuration",
        wait,
        "update_function_code",
        wait,
    ]
    assert needed(exists=True)[2].sent == {"FunctionName": "f", "ZipFile": b"zip", "Publish": False}


def test_every_option_becomes_boto3s_argument():
    for exists in (False, True):
        sent = needed("  description: mine\n  module_name: m\n", exists)[0].sent
        assert (sent["Description"], sent["Handler"]) == ("mine", "m.go")


def test_module_and_handler_are_joined_as_the_language_wants():
    cases = [
        ("nodejs20.x", "m.go"),
        ("python3.8", "m.go"),
        ("java11", "m::go"),
        ("dotnetcore3.1", "m::go"),
        ("provided", "m.go"),
    ]
    joined = [
        needed(f"  module_name: m\n  runtime: {runtime}\n")[0].sent["Handler"]
        for runtime, _ in cases
    ]
    assert joined == [handler for _, handler in cases]


def test_every_argument_says_where_it_comes_from():
    create = needed()[0]
    assert {name: one.origin for name, one in create.arguments.items()} == {
        "FunctionName": "line 5",
        "Handler": "line 7, default",
        "Runtime": "default",
        "Role": "line 6",
        "Description": "default",
        "Timeout": "default",
        "MemorySize": "default",
        "TracingConfig": "default",
        "Code": "default",
    }


class Nothing(SimpleNamespace):
    """A Lambda client of an account without functions."""

    exceptions = SimpleNamespace(ResourceNotFoundException=LookupError)

    def get_function(self, **_):
        raise LookupError


def test_a_runtime_beyond_dpls_own_list_is_noted():
    cases = [
        ("nodejs20.x", False),
        ("nodejs22.x", True),
        ("nodejs24.x", True),
        ("nodejs4.3", False),
        ("python3.8", False),
        ("python3.13", True),
        ("java21", False),
    ]
    wrong = []
    for runtime, noted in cases:
        plan = calls.planned(settings(f"  runtime: {runtime}\n"), CODE, Nothing(), [])
        if ("dpl itself stops at" in plan.caption) is not noted:
            wrong.append((runtime, plan.caption))
    assert wrong == []


class Telling:
    """A Lambda client whose answer repeats what it was told."""

    def get_function(self, FunctionName):  # noqa: N803 (boto3's name)
        return {"Runtime": FunctionName}


def came(words, secrets):
    ask = Call("get_function", {"FunctionName": options.Setting(words, "")})
    return calls.carry_out(Plan((), (), "", client=Telling(), calls=[ask], secrets=secrets)).rows[0]


def test_a_value_is_replaced_by_its_name():
    secret = [("$SECRET", "hunter2hunter2")]
    cases = [
        ("measured: hunter2hunter2!", secret, "measured: $SECRET!"),
        ("hunter2hunter2 hunter2hunter2", secret, "$SECRET $SECRET"),
        ("the hunt is on", secret, "the hunt is on"),
        ("abcdefgh-ijkl", [("$A", "abcdefgh"), ("$B", "abcdefgh-ijkl")], "$B"),
        ("x aaaaaaaaaa", [("aaaaaaaaaaaa", "aaaaaaaaaa")], "x aaaaaaaaaaaa"),
        ("the runtime", [("$X", "the")], "the runtime"),
    ]
    shown = [came(words, secrets)[1] for words, secrets, _ in cases]
    assert shown == [f"Runtime {expected}" for _, _, expected in cases]


def test_a_deployment_of_nothing_says_so():
    made = calls.carry_out(Plan((), (), "not deployed, why."))
    assert "nothing to deploy" in str(made) and made.error is None
