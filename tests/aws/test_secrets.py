"""Run on AWS with secrets planted everywhere: none is in any output, page, record or file."""

import os
from pathlib import Path

import boto3
import nbformat
import pytest
from nbclient import NotebookClient

from lambdadeck.aws.role import NAME
from lambdadeck.export.exporter import DeckExporter
from lambdadeck.stage import server_extension
from lambdadeck.teardown import cli
from tests.support.aws_account import ACCOUNT, aws_account

# Put together, so that no file holds them whole; valid nowhere.
PLANTED_KEY = "AKIA" + "PLANTEDPLANTED77"
PLANTED_TOKEN = "gho_" + "plantedtokenofsomebodyelse77"
PLANTED_SECRET = "sEcReT/" + "oF+sOmEbOdY/eLsE0123456789abcdefg"

CONNECT = """
import boto3, logging, os, subprocess, sys
from lambdadeck import cloud, functions, glance, triggers
from lambdadeck.aws import spend
from lambdadeck.shared import state
from lambdadeck.teardown import rounds
here = cloud.connect()
here
"""
LEAKS = {
    "environment": "dict(os.environ)",
    "printed": "for name in sorted(os.environ): print(name, os.environ[name])",
    "child": "subprocess.run(['env'], check=True)",
    "keys": "keys = boto3.Session().get_credentials(); print(keys.secret_key)\n"
    "keys.get_frozen_credentials()",
    "file": "print(open(os.path.expanduser('~/.aws/credentials')).read())",
    "identity": "boto3.client('sts').get_caller_identity()",
    "debug": "boto3.set_stream_logger('botocore'); boto3.client('sqs').list_queues()\n"
    "boto3.set_stream_logger('botocore', logging.CRITICAL)",
    "presigned": "what = {'Bucket': 'b', 'Key': 'k'}\n"
    "print(boto3.client('s3').generate_presigned_url('get_object', Params=what))",
    "deployed": "from pathlib import Path\n"
    "functions.deploy('hello-leak', Path('leak'), handler='app.handler')",
    "answered": "functions.invoke('hello-leak')",
    "logged": "print(functions.invoke('hello-leak', {'log': True}).log)",
    "failed": "functions.invoke('hello-leak', {'fail': True})",
    "listed": "boto3.client('lambda').list_functions()['Functions']",
    "probe": "glance.probe()",
    "triggers": "triggers.fire_all([triggers.sqs, triggers.sns, triggers.api])",
    "traceback": "local = dict(os.environ)\nraise ValueError(f'{local}')",
    "refused": "arn = f'arn:aws:lambda:eu-west-1:{here.account}:function:none'\n"
    "boto3.client('lambda').get_function(FunctionName=arn)",
    "widget": "import ipywidgets; ipywidgets.HTML(str(os.environ))",
    "spent": "spend.meter(look=True)",
    "record": "print(''.join(path.read_text() for path in state.folder().iterdir()))",
    "torn": "rounds.run(pause_s=0.01)",
}
FUNCTION = """
import os
def handler(event, context):
    secret = os.environ["AWS_SECRET_ACCESS_KEY"]
    if event.get("log"): print(dict(os.environ), secret, os.environ["AWS_SESSION_TOKEN"])
    if event.get("fail"): raise RuntimeError(str(os.environ))
    bare = [secret, os.environ["AWS_ACCESS_KEY_ID"]]
    return {**os.environ, "bare": bare, "of": context.invoked_function_arn}
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def account(home):
    with aws_account(home) as account:
        yield account


@pytest.fixture(scope="module")
def secrets(account):
    deck = account.engine.settings.deck
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:hello-leak"
    role = account.engine.settings.role.session(f"arn:aws:iam::{ACCOUNT}:role/{NAME} {function}")
    return {
        "key": deck.access_key,
        "secret": deck.secret_key,
        "role's key": role.access_key,
        "role's secret": role.secret_key,
        "role's token": role.token,
        "account": ACCOUNT,
        "planted key": PLANTED_KEY,
        "planted token": PLANTED_TOKEN,
        "planted secret": PLANTED_SECRET,
    }


@pytest.fixture(scope="module")
def run(account, home):
    """Run the notebook, every cell of it."""
    (home / "leak").mkdir()
    (home / "leak" / "app.py").write_text(FUNCTION)
    planted = {
        "AWS_PROFILE": "talk",
        "LAMBDADECK_CLOUD": "aws",
        "LAMBDADECK_ACCOUNT": ACCOUNT,
        "GITHUB_TOKEN": PLANTED_TOKEN,
        "OLD_CREDENTIALS": f"aws_access_key_id={PLANTED_KEY} "
        f"aws_secret_access_key={PLANTED_SECRET}",
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
    }
    base = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "LAMBDADECK_", "PYTEST"))
    }
    cells = [nbformat.v4.new_code_cell(source.strip()) for source in (CONNECT, *LEAKS.values())]
    for cell, name in zip(cells, ("connect", *LEAKS), strict=True):
        cell["id"] = name
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = NotebookClient(
        notebook,
        timeout=120,
        kernel_name="python3",
        allow_errors=True,
        resources={"metadata": {"path": str(home)}},
    )
    client.execute(env=base | account.profile() | planted)
    return notebook


def held(text, secrets):
    """Which secrets the text holds, also in the middle of something."""
    return [name for name, value in secrets.items() if value in text]


def test_no_output_holds_a_secret(run, secrets):
    assert [cell["id"] for cell in run.cells] == ["connect", *LEAKS]
    leaked = {cell["id"]: held(str(cell.outputs), secrets) for cell in run.cells}
    assert not any(leaked.values()), leaked
    silent = [cell["id"] for cell in run.cells if not cell.outputs]
    assert silent == [], "they showed nothing, so this proves nothing"


def test_the_notebook_as_a_file_holds_no_secret_widgets_included(run, secrets):
    written = nbformat.writes(run)
    assert held(written, secrets) == [] and "widget-state" in written


def test_the_leaks_were_there_and_figures_are_still_readable(run):
    shown = {cell["id"]: str(cell.outputs) for cell in run.cells}
    for cell in (
        "environment",
        "printed",
        "keys",
        "file",
        "debug",
        "presigned",
        "answered",
        "logged",
        "failed",
        "traceback",
        "child",
    ):
        assert "[secret]" in shown[cell], cell
    assert (
        "…4321" in shown["identity"]
        and "…4321" in shown["listed"]
        and "REPORT RequestId" in shown["logged"]
    )
    assert "nothing is left" in shown["torn"]


def test_the_function_had_the_keys_that_are_looked_for(run, account, secrets):
    keys = secrets["role's key"], secrets["role's secret"], secrets["role's token"]
    sts = boto3.Session(*keys, region_name="eu-west-1").client(
        "sts", endpoint_url=account.engine.endpoint
    )
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/{NAME}/hello-leak")


def test_no_page_made_of_the_run_holds_a_secret(run, secrets, home):
    for cell in run.cells:
        cell.metadata["tags"] = ["raises-exception"]
    kept = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("# A run"),
            *(cell for cell in run.cells if "widget-view" not in str(cell.outputs)),
        ]
    )
    page, _ = DeckExporter().from_notebook_node(kept, {"metadata": {"path": str(home)}})
    assert held(page, secrets) == [] and "[secret]" in page


def test_an_old_notebook_with_secrets_in_it_is_exported_without_them(secrets, home):
    output = nbformat.v4.new_output(
        "stream", name="stdout", text=f"AWS_ACCESS_KEY_ID={PLANTED_KEY} arn:aws:iam::{ACCOUNT}:root"
    )
    cell = nbformat.v4.new_code_cell("1", outputs=[output], execution_count=1)
    old = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# Old"), cell])
    page, _ = DeckExporter().from_notebook_node(old, {"metadata": {"path": str(home)}})
    assert held(page, secrets) == [] and "arn:aws:iam::…4321:root" in page


def test_no_file_that_the_run_left_holds_a_secret(run, secrets, home):
    files = [
        path for path in Path(home).rglob("*") if path.is_file() and path.name != "credentials"
    ]
    assert any(path.suffix == ".jsonl" for path in files)
    for path in files:
        assert held(path.read_text(errors="replace"), secrets) == [], path
        assert ACCOUNT not in path.name


def test_no_saved_notebook_holds_outputs_at_all(run):
    model = {"type": "notebook", "content": nbformat.from_dict(run.copy())}
    server_extension.without_outputs(model)
    assert all(cell["outputs"] == [] for cell in model["content"]["cells"])


def test_the_command_line_shows_four_digits(account, capsys, monkeypatch, secrets):
    for name, value in account.variables().items():
        monkeypatch.setenv(name, value)
    assert cli.main(["--aws", "--list"]) == 0
    said = "".join(capsys.readouterr())
    assert held(said, secrets) == [] and "…4321" in said
