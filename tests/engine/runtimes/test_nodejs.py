"""Node.js handlers of every kind that AWS runs, and the ways in which they fail."""

import json
import re
from dataclasses import dataclass

import pytest

from lambdadeck import functions, report
from tests.support.lambdas import zipped
from tests.support.speaking import needs


@dataclass(frozen=True)
class Made:
    """A function that can be called."""

    name: str
    lambdas: "Lambdas"  # noqa: F821

    def __call__(self, event=None):
        return self.lambdas.call(self.name, event)


@pytest.fixture
def node(lambdas, tmp_path, request):
    """Make a function of these files."""
    needs("nodejs")

    def make(files, handler="app.handler", runtime="nodejs22.x", **settings):
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        name = re.sub(r"\W", "-", request.node.name)[-60:]
        functions.deploy(
            name,
            tmp_path,
            handler=handler,
            runtime=runtime,
            memory_mb=512,
            client=lambdas.client,
            **settings,
        )
        return Made(name, lambdas)

    return make


def answer_of(source):
    return f"{source} = async (event) => ({{ got: event }});"


@pytest.mark.parametrize(
    ("files", "handler"),
    [
        ({"app.js": answer_of("exports.handler")}, "app.handler"),
        ({"app.js": answer_of("module.exports.handler")}, "app.handler"),
        ({"app.cjs": answer_of("exports.handler")}, "app.handler"),
        ({"app.mjs": answer_of("export const handler")}, "app.handler"),
        (
            {
                "app.mjs": "const ready = await Promise.resolve(1);\n"
                + answer_of("export const handler")
            },
            "app.handler",
        ),
        (
            {"app.js": answer_of("export const handler"), "package.json": '{"type": "module"}'},
            "app.handler",
        ),
        ({"src/deep/app.js": answer_of("exports.handler")}, "src/deep/app.handler"),
        ({"app.js": answer_of("exports.inner = {}; exports.inner.one")}, "app.inner.one"),
        (
            {"app.js": answer_of("exports.handler"), "node_modules/unused/index.js": ""},
            "app.handler",
        ),
        (
            {
                "app.js": "exports.handler = require('given').handler;",
                "node_modules/given/index.js": answer_of("exports.handler"),
            },
            "app.handler",
        ),
    ],
)
def test_a_handler_is_found_wherever_and_however_it_is_exported(node, files, handler):
    assert node(files, handler)({"a": 1}).payload == {"got": {"a": 1}}


@pytest.mark.parametrize(
    ("handler", "payload"),
    [
        ("(event, context, callback) => callback(null, { got: event })", {"got": 7}),
        (
            "(event, context, callback) => { setTimeout(() => callback(null, 'later'), 20); }",
            "later",
        ),
        (
            "(event, context, callback) => { callback(null, 'first');"
            " setTimeout(() => console.log('then idle'), 50); }",
            "first",
        ),
        (
            "(event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false;"
            " callback(null, 'at once');"
            " setTimeout(() => console.log('never heard'), 60000); }",
            "at once",
        ),
        ("(event, context) => { setTimeout(() => {}, 60000); context.succeed('now'); }", "now"),
        ("(event, context) => context.done(null, { got: event })", {"got": 7}),
        (
            "awslambda.streamifyResponse(async (event, stream, context) => {"
            " stream.write('['); setTimeout(() => stream.end(event + ']'), 20); })",
            [7],
        ),
        ("(event) => { setTimeout(() => {}, 20); }", None),
        ("async () => {}", None),
        ("async () => 0", 0),
    ],
)
def test_a_handler_answers_by_a_promise_by_calling_back_or_by_having_nothing_left_to_do(
    node, handler, payload
):
    call = node({"app.js": f"exports.handler = {handler};"})
    assert [call(7).payload, call(7).payload] == [payload, payload]


def test_after_a_callback_lambda_waits_until_nothing_is_left_to_do(node):
    call = node(
        {
            "app.js": "exports.handler = (event, context, callback) => {"
            " setTimeout(() => console.log('and then this'), 50); callback(null, 1); };"
        }
    )
    assert "and then this" in call().log


@pytest.mark.parametrize(
    ("handler", "kind", "message"),
    [
        ("async () => { throw new TypeError('no'); }", "TypeError", "no"),
        ("() => { throw new TypeError('no'); }", "TypeError", "no"),
        ("(event, context, callback) => callback(new TypeError('no'))", "TypeError", "no"),
        ("(event, context, callback) => callback('no')", "string", "no"),
        ("(event, context) => context.fail(new TypeError('no'))", "TypeError", "no"),
        (
            "awslambda.streamifyResponse(async (event, stream) => {"
            " stream.write('half'); throw new TypeError('no'); })",
            "TypeError",
            "no",
        ),
        ("async () => Promise.reject('no')", "string", "no"),
        ("async () => { throw undefined; }", "undefined", "undefined"),
        (
            "async () => { const round = {}; round.round = round; return round; }",
            "TypeError",
            "circular",
        ),
        ("() => new Promise(() => {})", "Runtime.NodeJsExit", "never settled"),
        (
            "async () => { setImmediate(() => { throw new Error('loose'); });"
            " await new Promise((r) => setTimeout(r, 5000)); }",
            "Error",
            "loose",
        ),
        (
            "async () => { Promise.reject(new Error('lost'));"
            " await new Promise((r) => setTimeout(r, 5000)); }",
            "Runtime.UnhandledPromiseRejection",
            "Error: lost",
        ),
    ],
)
def test_whatever_is_thrown_has_a_type_and_a_message(node, handler, kind, message):
    call = node({"app.js": f"exports.handler = {handler};"}, timeout_s=10)
    for failed in (call(), call()):
        assert failed.error == "Unhandled" and failed.payload["errorType"] == kind
        assert message in failed.payload["errorMessage"] and isinstance(
            failed.payload["trace"], list
        )


@pytest.mark.parametrize(
    ("files", "handler", "kind"),
    [
        ({"app.js": "exports.handler = ;"}, "app.handler", "Runtime.UserCodeSyntaxError"),
        ({"app.mjs": "export const handler = ;"}, "app.handler", "Runtime.UserCodeSyntaxError"),
        ({"app.js": "require('nowhere');"}, "app.handler", "Runtime.ImportModuleError"),
        ({"app.mjs": "import 'nowhere';"}, "app.handler", "Runtime.ImportModuleError"),
        ({"app.js": ""}, "other.handler", "Runtime.ImportModuleError"),
        ({"app.js": "exports.handler = 1;"}, "app.handler", "Runtime.HandlerNotFound"),
        ({"app.js": ""}, "app", "Runtime.MalformedHandlerName"),
        ({"app.js": "throw new RangeError('at the start');"}, "app.handler", "RangeError"),
    ],
)
def test_what_cannot_be_loaded_fails_in_init_with_the_name_that_aws_has_for_it(
    node, files, handler, kind
):
    failed = node(files, handler)()
    assert failed.error == "Unhandled" and failed.payload["errorType"] == kind
    assert "Phase: init" in failed.log


def test_what_is_thrown_while_no_event_is_there_ends_the_process_and_hangs_nothing(node):
    call = node(
        {
            "app.js": "setImmediate(() => { throw new Error('loose'); }); "
            " exports.handler = () => new Promise((resolve) => setTimeout(resolve, 30000));"
        },
        timeout_s=20,
    )
    for failed in (call(), call()):
        assert failed.error == "Unhandled" and failed.payload["errorMessage"] == "loose"


def test_from_nodejs24_on_a_handler_cannot_call_back(node):
    files = {"app.js": "exports.handler = (event, context, callback) => callback(null, 1);"}
    assert (
        node(files, runtime="nodejs24.x")().payload["errorType"]
        == "Runtime.CallbackHandlerDeprecated"
    )
    assert node(files, runtime="nodejs22.x")().payload == 1


def test_each_console_method_has_its_level_and_one_message_is_one_line(node):
    call = node(
        {
            "app.js": "exports.handler = async () => { console.warn('a %s', 1);"
            " console.error('b\\nc'); console.debug({ d: 2 }); };"
        }
    )
    answered = call()
    request = report.parse(answered.log).request_id
    assert f"\t{request}\tWARN\ta 1\n" in answered.log
    assert f"\t{request}\tERROR\tb\rc\n" in answered.log
    assert f"\t{request}\tDEBUG\t{{ d: 2 }}\n" in answered.log


def test_in_the_json_log_format_a_line_is_an_object_filtered_by_its_level(node, lambdas):
    source = """exports.handler = async () => {
        console.debug('hidden'); console.info('said'); console.warn({ k: 1 });
        console.error('failed:', new TypeError('bad'));
    };"""
    call = node({"app.js": source})
    levels = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
    lambdas.client.update_function_configuration(FunctionName=call.name, LoggingConfig=levels)
    said, warned, failed = [json.loads(line) for line in call().log.splitlines()]
    assert (said["message"], said["level"]) == ("said", "INFO")
    assert re.fullmatch(r"[0-9a-f-]{36}", said["requestId"])
    assert (warned["message"], warned["level"]) == ({"k": 1}, "WARN")
    assert (failed["errorType"], failed["errorMessage"]) == ("TypeError", "bad")
    assert failed["message"].startswith("failed: TypeError: bad") and failed["stackTrace"]


def published(lambdas, name, files):
    """Publish a layer and return its version's ARN."""
    content = {"ZipFile": zipped(files)}
    answer = lambdas.client.publish_layer_version(LayerName=name, Content=content)
    return answer["LayerVersionArn"]


def test_a_layer_brings_modules_for_all_versions_and_for_one(node, lambdas):
    """Developer guide, "Layer paths": the folder of the version comes first."""
    files = {
        "nodejs/node_modules/given/index.js": "exports.word = 'from the layer';",
        "nodejs/node_modules/both/index.js": "exports.word = 'for all';",
        "nodejs/node20/node_modules/both/index.js": "exports.word = 'for Node.js 20';",
    }
    layer = published(lambdas, "modules", files)
    source = "exports.handler = async () => [require('given').word, require('both').word];"
    call = node({"app.js": source})
    lambdas.client.update_function_configuration(
        FunctionName=call.name, Layers=[layer], Runtime="nodejs20.x"
    )
    assert call().payload == ["from the layer", "for Node.js 20"]


def test_an_import_finds_the_modules_of_a_layer_too(node, lambdas):
    """As in AWS from Node.js 18 on; Node.js itself does not look at NODE_PATH for an import."""
    files = {
        "nodejs/node_modules/given/index.js": "exports.word = 'from the layer';",
        "nodejs/node_modules/given/package.json": '{"exports": {"./inner": "./index.js"}}',
    }
    layer = published(lambdas, "imported", files)
    source = "import {{ word }} from 'given{}'; export const handler = async () => word;"
    call = node({"app.mjs": source.format("/inner"), "hidden.mjs": source.format("")})
    lambdas.client.update_function_configuration(FunctionName=call.name, Layers=[layer])
    assert call().payload == "from the layer"
    functions.wait(lambdas.client, "function_updated_v2", FunctionName=call.name)
    lambdas.client.update_function_configuration(FunctionName=call.name, Handler="hidden.handler")
    assert 'No "exports" main defined' in call().payload["errorMessage"]
