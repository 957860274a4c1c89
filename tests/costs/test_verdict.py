"""A workload judged in plain floats, without numpy, as the page will need it."""

import json
import subprocess
import sys

import pytest

from lambdadeck import costs, prices
from lambdadeck.costs import Workload

WORKS = (
    Workload(),
    Workload(3e7, 100, 1769, instance="t3.medium"),
    Workload(2e9, 35, 512, "arm64", "us-east-1", "c7g.large", 3, free_tier=True),
    Workload(6e7, 900, 1024, cpu_share=0.05, zones=2, ec2_front="alb", lambda_front="http-api"),
    Workload(region="eu-south-1", peak_factor=10),
    Workload(requests=0),
)
WITHOUT_NUMPY = """
import json, sys
sys.modules["numpy"] = None
from lambdadeck import costs, prices
judged = [vars(costs.judge(costs.Workload(**one))) for one in json.loads(sys.argv[1])]
offered = [costs.priced_regions(), costs.common_instances("eu-west-1")]
rest = costs.QUANTITIES["requests"].read("12.4 million"), prices.savings_plans()[0].unit
loaded = {name.split(".")[0] for name in sys.modules}
print(json.dumps([judged, offered, rest, sorted(loaded & {"boto3", "matplotlib", "ipywidgets"})]))
"""


def test_what_the_page_needs_of_prices_and_costs_runs_without_numpy() -> None:
    asked = json.dumps([vars(work) for work in WORKS])
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_NUMPY, asked], capture_output=True, text=True, check=True
    )
    judged, offered, rest, loaded = json.loads(done.stdout)
    assert json.dumps(judged) == json.dumps([vars(costs.judge(work)) for work in WORKS])
    assert offered == [costs.priced_regions(), costs.common_instances("eu-west-1")]
    assert rest == [12.4e6, prices.savings_plans()[0].unit] and loaded == []


def test_a_verdict_is_what_the_bills_and_the_break_even_of_arrays_say() -> None:
    for work in WORKS[:4]:
        judged = costs.judge(work)
        bill = costs.lambda_bill(work.requests, **work.load, **work.on_lambda)
        there = costs.ec2_bill(work.instance, requests=work.requests, **work.load, **work.on_ec2)
        assert (judged.lambda_usd, judged.ec2_usd, judged.instances) == pytest.approx(
            (bill.total_usd, there.total_usd, there.instances), rel=1e-12
        )
        renamed = {"front": "lambda_front", "discount": "lambda_discount"}
        options = {renamed.get(name, name): value for name, value in work.on_lambda.items()}
        fleet = {**work.on_ec2, "ec2_front": work.on_ec2["front"]}
        del fleet["front"]
        even = costs.break_even(work.instance, **work.load, **options, **fleet)
        assert judged.break_even_sentence == even.sentence
        assert (judged.break_even_requests, judged.settled_requests) == pytest.approx(
            (even.requests, even.settled_requests), rel=1e-9
        )
