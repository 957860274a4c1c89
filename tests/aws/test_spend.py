"""The spend meter counts every invocation once, at its price, and says what is unknown."""

import html
import json

import boto3
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambdadeck import functions, prices
from lambdadeck.aws import metering, role, spend
from lambdadeck.aws.metering import Billed, Usage
from lambdadeck.aws.spend import meter
from tests.support.lambdas import wait_until
from tests.support.plain_boto3 import pointed_at

GREET = ("eu-west-1", "greet")
PRICE = prices.lambda_price("eu-west-1", "x86_64")
calls = st.lists(
    st.tuples(
        st.integers(1, 450_000),
        st.sampled_from([128, 1769, 5_120]),
        st.sampled_from(["a", "b", "c"]),
    ),
    max_size=30,
)


def usage_of(made, chip="x86_64", region="eu-west-1"):
    billed = [
        Billed((region, name), str(number), ms, mb) for number, (ms, mb, name) in enumerate(made)
    ]
    return Usage(billed=billed, architectures={one.function: chip for one in billed})


def test_one_call_costs_its_gb_seconds_and_its_request():
    shown = meter(usage=usage_of([(3, 128, "greet")]))
    assert shown.usd == pytest.approx(
        0.003 * 128 / 1024 * PRICE.usd_per_gb_s + PRICE.usd_per_request
    )
    assert shown.amount == "0.00002 cents" or shown.amount == "0.000021 cents"


@given(calls, calls)
def test_the_meter_never_falls_and_adds_up(before, after):
    first, both = meter(usage=usage_of(before)), meter(usage=usage_of(before + after))
    assert both.usd >= first.usd and both.invocations == len(before) + len(after)
    assert both.usd == pytest.approx(first.usd + meter(usage=usage_of(after)).usd, abs=1e-15)


@given(calls)
def test_twice_the_memory_is_twice_the_duration(made):
    double = [(ms, 2 * mb, name) for ms, mb, name in made]
    longer = [(2 * ms, mb, name) for ms, mb, name in made]
    assert meter(usage=usage_of(double)).usd == pytest.approx(meter(usage=usage_of(longer)).usd)


def test_the_amount_is_said_in_dollars_or_cents_and_never_for_a_million():
    for usd, words in (
        (0.0, "$0"),
        (0.0000042, "0.00042 cents"),
        (0.0000000001, "0.00000001 cents"),
        (0.00012, "0.012 cents"),
        (0.21, "21 cents"),
        (4.1, "$4.10"),
        (float("nan"), "an unknown amount"),
    ):
        assert spend.Meter("AWS", usd, 1, (PRICE,), (), ()).amount == words
        if usd == usd:
            assert spend.Meter("AWS", usd, 1, (PRICE,), ("x",), ()).amount == f"at least {words}"


def test_an_unknown_price_is_unknown_and_never_zero():
    shown = meter(usage=usage_of([(3, 128, "greet")], region="mars-north-1"))
    assert shown.usd != shown.usd and "cost an unknown amount" in shown.sentence
    assert shown.unseen == (
        "1 invocation of greet ran on x86_64 in mars-north-1, whose price is unknown.",
    )


def test_what_is_at_an_unknown_price_makes_the_rest_a_lower_bound():
    usage = usage_of([(3, 128, "greet")])
    usage.billed.append(Billed(("mars-north-1", "far"), "x", 3, 128))
    usage.architectures["mars-north-1", "far"] = "x86_64"
    assert meter(usage=usage).amount.startswith("at least 0.0000")


def test_each_processor_has_its_own_price():
    made = [(1000, 1024, "greet")]
    assert meter(usage=usage_of(made, chip="arm64")).usd < meter(usage=usage_of(made)).usd
    assert "eu-west-1, arm64" in meter(usage=usage_of(made, chip="arm64")).source


def test_region_date_and_source_stand_beside_the_amount_and_local_says_would_have():
    shown = meter(usage=usage_of([(3, 128, "greet")]), where="LOCAL")
    for form in (str(shown), html.unescape(shown._repr_html_())):
        assert (
            "LOCAL: 1 invocation would have cost" in form
            and "eu-west-1" in form
            and str(PRICE.as_of) in form
        )
        assert (
            PRICE.source.split("(")[0] in form
            and "no free tier" in form
            and "this machine's, not AWS's" in form
        )
    real = str(meter(usage=usage_of([(3, 128, "greet")]), where="AWS"))
    assert "AWS: 1 invocation cost 0.0000" in real and "this machine" not in real


def test_nothing_invoked_is_nothing_spent():
    assert "0 invocations would have cost $0" in str(meter(usage=Usage(), where="LOCAL"))


def test_the_table_fits_a_slide_and_its_rows_add_up():
    shown = meter(usage=usage_of([(ms, 128, f"f{ms}") for ms in range(1, 40)]))
    assert len(shown.rows) == 8 and shown.rows[-1]["function"] == "32 others"
    assert sum(int(row["invocations"]) for row in shown.rows) == shown.invocations == 39


@pytest.fixture
def heard(lambdas):
    """Meter what plain boto3 invokes."""
    with pointed_at(lambdas.engine):
        usage = Usage()
        boto3.setup_default_session()
        metering.watch(boto3.DEFAULT_SESSION, usage)
        metering.watch(boto3.DEFAULT_SESSION, Usage())  # again: changes nothing
        yield usage


def make(name, **more):
    code = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
    functions.remove(name)
    boto3.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler="app.handler",
        Role=role.LOCAL,
        Code=code,
        **more,
    )


def test_an_invocation_with_its_log_is_counted_at_once(heard):
    make("heard")
    answer = functions.invoke("heard")
    assert heard.billed == [
        Billed(("eu-west-1", "heard"), answer.report.request_id, answer.report.billed_ms, 128)
    ]
    assert meter(usage=heard).unseen == ()


def test_a_client_in_another_region_is_priced_there(heard):
    lambda_ = boto3.client("lambda", region_name="us-east-1")
    code = {"ZipFile": functions.pack(functions.FUNCTIONS / "greet")}
    lambda_.create_function(
        FunctionName="far", Runtime="python3.13", Handler="app.handler", Role=role.LOCAL, Code=code
    )
    functions.invoke("far", client=lambda_)
    assert [price.region for price in meter(usage=heard).prices] == ["us-east-1"]


@pytest.mark.parametrize("how", [{}, {"InvocationType": "Event"}], ids=["no tail", "an event"])
def test_without_its_log_an_invocation_is_waited_for_and_then_found_in_the_logs(heard, how):
    make("unheard")
    boto3.client("lambda").invoke(FunctionName="unheard", **how)
    waiting = meter(usage=heard)
    assert (
        waiting.invocations == 1
        and waiting.usd == 0
        and "came back without a REPORT line" in waiting.unseen[0]
    )
    assert "at least $0" in waiting.sentence
    wait_until(lambda: not meter(look=True, usage=heard).unseen)
    found = meter(look=True, usage=heard)
    assert found.invocations == 1 and found.usd > 0 and "at least" not in found.sentence


def test_looking_counts_nothing_twice(heard):
    make("seen-twice")
    functions.invoke("seen-twice")
    assert (
        meter(usage=heard).usd
        == meter(look=True, usage=heard).usd
        == meter(look=True, usage=heard).usd
    )


def test_a_refused_call_costs_nothing(heard):
    with pytest.raises(Exception, match="ResourceNotFound"):
        functions.invoke("nobody")
    with pytest.raises(Exception, match="InvalidRequestContent"):
        boto3.client("lambda").invoke(FunctionName="nobody", Payload=b"{")
    assert meter(usage=heard).invocations == 0


def test_what_a_trigger_invokes_is_said_to_be_missing_until_the_logs_are_read(heard):
    make("wired")
    client = boto3.client("lambda")
    client.add_permission(
        FunctionName="wired",
        StatementId="s",
        Action="lambda:InvokeFunction",
        Principal="sns.amazonaws.com",
    )
    functions.invoke("wired")
    assert meter(usage=heard).unseen == (
        "What triggers invoked of wired is not counted: spend.meter(look=True) reads the logs that "
        "are still there.",
    )
    assert meter(look=True, usage=heard).unseen == ()
    boto3.client("logs").delete_log_group(logGroupName="/aws/lambda/wired")
    assert meter(look=True, usage=heard).unseen == (
        "What triggers invoked of wired is not counted: the log is gone.",
    )


def test_the_processor_of_a_function_made_elsewhere_is_asked_for(heard, lambdas):
    make("made-elsewhere", Architectures=["arm64"])
    heard.architectures.clear()
    functions.invoke("made-elsewhere")
    assert [price.arch for price in meter(usage=heard).prices] == ["arm64"]
    functions.invoke("made-elsewhere")
    heard.architectures.clear()
    functions.remove("made-elsewhere")
    assert "an unknown processor" in meter(usage=heard).unseen[0]


def test_an_arn_and_a_qualifier_are_the_same_function(heard):
    make("by-arn")
    arn = boto3.client("lambda").publish_version(FunctionName="by-arn")["FunctionArn"]
    for name in (arn, "by-arn:1", "by-arn"):
        boto3.client("lambda").invoke(FunctionName=name, LogType="Tail", Payload=json.dumps({}))
    assert {one.function for one in heard.billed} == {("eu-west-1", "by-arn")}
