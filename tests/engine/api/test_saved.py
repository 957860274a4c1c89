"""An engine that was killed has its functions back, with everything that belongs to them."""

import json
import os
import signal
import time

import psutil
import pytest

from lambdadeck import cloud, engine
from tests.support.lambdas import Lambdas, wait_until, zipped

SOURCE = """
    import sys

    def handler(event, context):
        sys.path.insert(0, "/opt/python")
        import word
        return [context.function_version, word.WORD, event]
"""


@pytest.fixture
def own(tmp_path):
    started = engine.start(state=tmp_path / "state")
    yield Lambdas(started)
    started.stop()


def made(lambdas):
    """Make one of everything; return the function's name and the mapping's UUID."""
    client = lambdas.client
    content = {"ZipFile": zipped({"python/word.py": "WORD = 'layer'"})}
    layer = client.publish_layer_version(LayerName="words", Content=content)["LayerVersionArn"]
    name = lambdas.make(SOURCE, Layers=[layer], Environment={"Variables": {"WORD": "ü"}})
    lambdas.call(name)
    client.publish_version(FunctionName=name)
    client.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
    client.add_permission(
        FunctionName=name, StatementId="s", Principal="s3.amazonaws.com", Action="lambda:*"
    )
    client.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=3)
    client.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=1)
    client.create_function_url_config(FunctionName=name, AuthType="NONE")
    queue = queue_of(lambdas)
    mapping = client.create_event_source_mapping(FunctionName=name, EventSourceArn=queue)["UUID"]
    wait_until(lambda: client.get_event_source_mapping(UUID=mapping)["State"] == "Enabled")
    return name, mapping


def queue_of(lambdas):
    sqs = lambdas.boto("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    asked = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    return asked["Attributes"]["QueueArn"]


def told(lambdas, name, mapping):
    """Return all that the API says of a function, its layer and its mapping."""
    client, it = lambdas.client, {"FunctionName": name}
    answers = [
        client.get_function(**it),
        client.list_versions_by_function(**it),
        client.get_alias(**it, Name="live"),
        client.get_policy(**it),
        client.get_function_event_invoke_config(**it),
        client.get_function_url_config(**it),
        client.list_layer_versions(LayerName="words"),
        client.get_event_source_mapping(UUID=mapping),
    ]
    for answer in answers:
        del answer["ResponseMetadata"]
    answers[0]["Code"].pop("Location")  # another each time
    return json.loads(json.dumps(answers, default=str))


def killed(lambdas):
    """Kill the engine, and wait for the next one."""
    was = lambdas.engine.pid
    os.kill(was, signal.SIGKILL)
    wait_until(lambda: lambdas.engine.pid != was)
    wait_until(lambda: cloud.answers(lambdas.engine.endpoint))


def works(lambdas, name):
    assert lambdas.call(name, 1).payload == ["$LATEST", "layer", 1]
    assert lambdas.call(name, 2, Qualifier="live").payload == ["1", "layer", 2]


def test_a_killed_engine_has_everything_back_and_a_mapping_goes_on_with_its_queue(own):
    name, mapping = made(own)
    before = told(own, name, mapping)
    own.client.delete_function(FunctionName=own.make(SOURCE))
    killed(own)
    assert told(own, name, mapping) == before
    assert len(own.client.list_functions()["Functions"]) == 1  # the deleted one is not back
    works(own, name)
    queue_of(own)  # queues are not kept: it is made again, and polled again
    url = own.boto("sqs").get_queue_url(QueueName="orders")["QueueUrl"]
    own.boto("sqs").send_message(QueueUrl=url, MessageBody="after the crash")
    wait_until(lambda: any("END" in line for line in own.log(name)))
    own.client.update_function_code(FunctionName=name, ZipFile=zipped({"app.py": "x = 1"}))
    own.client.delete_event_source_mapping(UUID=mapping)


def test_a_state_folder_is_private_and_serves_the_next_engine(own, tmp_path):
    name, mapping = made(own)
    before, folder = told(own, name, mapping), tmp_path / "state"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    own.engine.stop()
    following = engine.start(state=folder)
    try:
        again = Lambdas(following)
        after = told(again, name, mapping)
        for answers in (before, after):  # an address names its start
            assert answers[5].pop("FunctionUrl")
        assert after == before
        works(again, name)
    finally:
        following.stop()


def test_damaged_files_are_put_aside_and_the_rest_is_served(own, tmp_path):
    """A disk that was full, or an editor: before, no engine started any more."""
    source = "def handler(event, context): return {}"
    good, *bad = [own.make(source.format(n)) for n in range(5)]
    files = {file: file.read_text() for file in (tmp_path / "state").glob("*.json")}
    at = {name: next(f for f, text in files.items() if f'"{name}"' in text) for name in bad}
    at[bad[0]].write_text("")
    at[bad[1]].write_text(files[at[bad[1]]][:200])
    at[bad[2]].write_text('{"key": ["functions"], "value": 1}')
    blob = next(word for word in files[at[bad[3]]].split('"') if len(word) == 64)
    (tmp_path / "state" / blob).unlink()
    killed(own)
    assert [f["FunctionName"] for f in own.client.list_functions()["Functions"]] == [good]
    assert own.call(good).payload == 0
    assert len(list((tmp_path / "state").glob("*.damaged"))) == 4
    assert own.call(own.make(source.format(6), name=bad[0])).payload == 6


def test_on_a_full_disk_calls_are_answered_and_saved_later(own, tmp_path):
    before = own.make("def handler(event, context): return 1")
    process, full = psutil.Process(own.engine.pid), psutil.RLIMIT_FSIZE
    limits = process.rlimit(full)
    process.rlimit(full, (0, limits[1]))  # no file of the engine may grow
    own.client.tag_resource(Resource=arn(own, before), Tags={"a": "b"})
    during, gone = [own.make("def handler(event, context): return 2") for _ in range(2)]
    own.client.delete_function(FunctionName=gone)
    process.rlimit(full, limits)
    own.client.tag_resource(Resource=arn(own, before), Tags={"c": "d"})  # any change tries again
    killed(own)
    names = {one["FunctionName"] for one in own.client.list_functions()["Functions"]}
    assert names == {before, during} and own.call(during).payload == 2
    assert own.client.list_tags(Resource=arn(own, before))["Tags"] == {"a": "b", "c": "d"}
    assert not list((tmp_path / "state").glob(".*"))


def test_a_function_that_was_pending_is_active_after_the_crash(tmp_path):
    started = engine.start(state=tmp_path / "state", transition_s=60.0)
    own = Lambdas(started)
    name = own.make("def handler(event, context): return 'here'")
    assert own.client.get_function_configuration(FunctionName=name)["State"] == "Pending"
    killed(own)
    found = own.client.get_function_configuration(FunctionName=name)
    assert (found["State"], found["LastUpdateStatus"]) == ("Active", "Successful")
    assert "StateReason" not in found
    assert own.call(name).payload == "here"
    started.stop()


def test_without_a_folder_the_engine_leaves_none_behind():
    started = engine.start()
    folder = started.settings.state
    Lambdas(started).make("def handler(event, context): pass")
    assert os.listdir(folder)
    started.stop()
    wait_until(lambda: not os.path.exists(folder))


def test_saving_is_fast_and_packages_without_a_function_go(own, tmp_path):
    names = [own.make(f"def handler(event, context): return {n}") for n in range(20)]
    began = time.perf_counter()
    for name in names:
        own.client.tag_resource(Resource=arn(own, name), Tags={"a": "b"})
    assert time.perf_counter() - began < 20
    packages = [file for file in (tmp_path / "state").iterdir() if not file.suffix]
    assert len(packages) == 20
    for name in names[1:]:
        own.client.delete_function(FunctionName=name)
    own.client.tag_resource(Resource=arn(own, names[0]), Tags={"c": "d"})
    assert len([file for file in (tmp_path / "state").iterdir() if not file.suffix]) == 1


def arn(lambdas, name):
    return lambdas.client.get_function_configuration(FunctionName=name)["FunctionArn"]
