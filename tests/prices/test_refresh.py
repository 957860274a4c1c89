"""Refreshing the tables: AWS's formats, decoys, changes shown, nothing written on a failure."""

import csv
import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from lambdadeck import prices
from lambdadeck.prices import refresh
from lambdadeck.prices.aws_price_list import PriceListError, PricingApi, PublicList, Source
from tests.support.pricing_server import (
    Offer,
    PriceList,
    ec2_offers,
    instance,
    lambda_offers,
    other_offers,
    serving,
)

DAY = dt.date(2026, 11, 23)
REGIONS = ("eu-west-1", "us-east-1")
TYPES = {"c6i.large", "c7g.large", "t3.medium"}


def everything() -> list[Offer]:
    offers = [one for region in REGIONS for one in [*lambda_offers(region), *other_offers(region)]]
    return [
        *offers,
        *ec2_offers("eu-west-1", "0.0912000000"),
        *ec2_offers("us-east-1", "0.0850000000"),
    ]


@pytest.fixture
def aws() -> Iterator[PriceList]:
    with serving(PriceList(everything())) as running:
        yield running


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the tables, cut down to three regions and three instance types."""
    for path in prices.TABLES.glob("*.csv"):
        with path.open(newline="", encoding="utf-8") as file:
            rows = [
                row
                for row in csv.DictReader(file)
                if row["region"] in (*REGIONS, "ap-south-1", "all")
            ]
        rows = [row for row in rows if row.get("instance_type", "c6i.large") in TYPES]
        with (tmp_path / path.name).open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def api(aws: PriceList) -> PricingApi:
    keys = {"aws_access_key_id": "AKIAEXAMPLE", "aws_secret_access_key": "example"}
    config = Config(retries={"total_max_attempts": 1})
    return PricingApi(
        boto3.client("pricing", "us-east-1", endpoint_url=aws.url, config=config, **keys)
    )


@pytest.fixture(params=["api", "files"])
def source(request: pytest.FixtureRequest, aws: PriceList) -> Source:
    return api(aws) if request.param == "api" else PublicList(aws.url)


def run(source: Source, folder: Path, **options: object) -> tuple[list[refresh.Change], list[str]]:
    said: list[str] = []
    changed = refresh.refresh(
        source, folder=folder, today=DAY, regions=REGIONS, say=said.append, **options
    )
    return changed, said


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*")}


def test_the_prices_of_today_are_read_from_either_format(source, folder):
    run(source, folder)
    x86, arm = (
        prices.lambda_price("eu-west-1", arch, tables=folder) for arch in prices.ARCHITECTURES
    )
    assert x86.usd_per_gb_s_tiers == (0.0000166667, 0.000015, 0.0000133334)
    assert arm.usd_per_gb_s_tiers == (0.0000133334, 0.0000120001, 0.0000106667)
    assert x86.usd_per_million_requests == arm.usd_per_million_requests == 0.2
    assert (x86.usd_per_gb_s_ephemeral, x86.usd_per_gb_s_provisioned) == (
        0.0000000309,
        0.0000041667,
    )
    assert (arm.usd_per_gb_s_provisioned, arm.usd_per_gb_s_duration_provisioned) == (
        0.0000033334,
        0.0000077778,
    )
    c6i, c7g = (
        prices.ec2_price("eu-west-1", name, tables=folder) for name in ("c6i.large", "c7g.large")
    )
    assert (c6i.usd_per_hour, c6i.vcpu, c6i.memory_gib, c6i.arch, c6i.how) == (
        0.0912,
        2,
        4.0,
        "x86_64",
        "listed",
    )
    assert c7g.arch == "arm64"
    assert prices.unit_price("http-api", "eu-west-1", tables=folder).tiers == (
        (0, 1.11),
        (300, 1.0),
    )
    assert prices.unit_price("rest-api", "eu-west-1", tables=folder).tiers == ((0, 3.5), (333, 2.8))
    assert prices.unit_price("alb-hour", "eu-west-1", tables=folder).tiers == ((0, 0.0252),)
    assert prices.unit_price("alb-lcu-hour", "us-east-1", tables=folder).tiers == ((0, 0.008),)
    assert prices.unit_price("gp3-gb-month", "eu-west-1", tables=folder).tiers == ((0, 0.088),)
    assert prices.unit_price("ipv4-hour", "eu-west-1", tables=folder).tiers == ((0, 0.005),)


def test_every_row_read_says_when_and_where_it_was_read(source, folder):
    run(source, folder)
    for row in (
        prices.lambda_price("eu-west-1", "arm64", tables=folder),
        prices.ec2_price("us-east-1", "t3.medium", tables=folder),
        prices.unit_price("http-api", "us-east-1", tables=folder),
    ):
        assert row.as_of == DAY and row.as_of_note == ""
        assert row.source.startswith("AWS Price List (") and row.source.endswith(
            "published 2026-11-20"
        )


def test_rows_of_other_regions_and_of_all_regions_stay_as_they_were(source, folder):
    before = {path.name: path.read_text().splitlines() for path in folder.glob("*.csv")}
    run(source, folder)
    for name, lines in before.items():
        kept = [line for line in lines if line.startswith(("ap-south-1,", "all,"))]
        assert [
            line
            for line in (folder / name).read_text().splitlines()
            if line.startswith(("ap-south-1,", "all,"))
        ] == kept


def test_the_burst_baseline_that_aws_does_not_list_is_kept(source, folder):
    run(source, folder)
    assert prices.ec2_price("eu-west-1", "t3.medium", tables=folder).burst_baseline_per_vcpu == 0.2


def test_us_east_1_gets_every_type_and_other_regions_the_types_they_have(source, folder):
    run(source, folder)
    assert prices.ec2_price("us-east-1", "m9x.metal", tables=folder).memory_gib == 1952
    assert set(prices.ec2_catalogue("eu-west-1", tables=folder).instance_type) == TYPES
    run(source, folder, all_types=True)
    assert prices.ec2_price("eu-west-1", "m9x.metal", tables=folder).vcpu == 448


def test_a_region_that_the_table_does_not_have_is_added(aws, folder):
    aws.offers += [*lambda_offers("ap-south-1"), *ec2_offers("ap-south-1", "0.1310000000")]
    path = folder / "ec2.csv"
    path.write_text(
        "".join(
            line for line in path.read_text().splitlines(True) if not line.startswith("ap-south-1")
        )
    )
    refresh.refresh(
        PublicList(aws.url),
        tables=["ec2"],
        folder=folder,
        today=DAY,
        regions=["ap-south-1"],
        say=[].append,
    )
    assert set(prices.ec2_catalogue("ap-south-1", tables=folder).instance_type) == TYPES


def test_what_changed_is_shown_with_old_new_and_percent(source, aws, folder):
    run(source, folder)
    for one in aws.offers:
        if one.usage == "Lambda-GB-Second" and one.region == "eu-west-1":
            one.tiers[0] = ("0", "0.0000200000")
        if one.usage == "BoxUsage:c6i.large" and one.tiers == [("0", "0.0850000000")]:
            one.tiers = [("0", "0.0800000000")]
    changed, said = run(source, folder)
    assert len(changed) == 2
    assert "lambda eu-west-1 x86_64 usd_per_gb_s_tier1: 0.0000166667 -> 0.00002 (+20.0%)" in said
    assert "ec2 us-east-1 c6i.large usd_per_hour: 0.085 -> 0.08 (-5.9%)" in said
    assert any("2 prices differ" in line for line in said)


def test_a_second_refresh_finds_nothing_new_and_writes_the_same(source, folder):
    run(source, folder)
    before = contents(folder)
    changed, said = run(source, folder)
    assert changed == [] and any("no price differs" in line for line in said)
    assert contents(folder) == before


def test_a_trailing_zero_is_no_change():
    old = [{"region": "r", "arch": "a", "usd": "0.20"}]
    assert refresh.changes("lambda", old, [{"region": "r", "arch": "a", "usd": "0.2"}]) == []


def test_a_price_that_aws_no_longer_lists_becomes_unknown_not_zero(source, aws, folder):
    run(source, folder)
    aws.offers = [one for one in aws.offers if "Provisioned" not in one.usage]
    _, said = run(source, folder, accept=True)
    assert (
        "lambda eu-west-1 arm64 usd_per_gb_s_provisioned_concurrency: 0.0000033334 -> unknown"
        in said
    )
    gone = prices.lambda_price("eu-west-1", "arm64", tables=folder).usd_per_gb_s_provisioned
    assert gone != gone  # NaN


def test_a_dry_run_shows_and_writes_nothing(source, folder):
    before = contents(folder)
    changed, _ = run(source, folder, dry_run=True)
    assert changed and contents(folder) == before


def test_only_the_tables_asked_for_are_read(aws, folder):
    before = contents(folder)
    run(PublicList(aws.url), folder, tables=["lambda"])
    assert {path.split("/")[4] for path in aws.asked} == {"AWSLambda"}
    after = contents(folder)
    assert {name for name in before if before[name] != after[name]} == {"lambda.csv"}


def test_the_deck_sees_refreshed_prices_without_a_restart(aws, folder):
    assert prices.lambda_price("eu-west-1", "x86_64", tables=folder).as_of != DAY
    run(PublicList(aws.url), folder, tables=["lambda"])
    assert prices.lambda_price("eu-west-1", "x86_64", tables=folder).as_of == DAY


def break_tiers(aws: PriceList) -> None:
    aws.offers[0].tiers[1] = ("5000000000", "0.0000150000")


def break_units(aws: PriceList) -> None:
    aws.offers[0].unit = "Lambda-GB-Hour"


def lose_requests(aws: PriceList) -> None:
    aws.offers = [one for one in aws.offers if one.usage != "Request"]


def price_twice(aws: PriceList) -> None:
    aws.offers.append(instance("us-east-1", "t3.medium", "0.0999000000"))


def price_at_nothing(aws: PriceList) -> None:
    aws.offers[0].tiers = [("0", "0.0000000000")]


def price_in_words(aws: PriceList) -> None:
    aws.offers[0].tiers = [("0", "cheap")]


def jump(aws: PriceList) -> None:
    aws.offers[2].tiers = [("0", "0.2000000000")]  # a request at the price of a million


def lose_most(aws: PriceList) -> None:
    aws.offers = [
        one for one in aws.offers if one.service != "AmazonEC2" or one.usage == "BoxUsage:t3.medium"
    ]


def lose_all_instances(aws: PriceList) -> None:
    aws.offers = [one for one in aws.offers if "BoxUsage" not in one.usage]


def misname_memory(aws: PriceList) -> None:
    aws.offers.append(instance("us-east-1", "x1.odd", "1.0000000000", memory="NA"))


def deny(aws: PriceList) -> None:
    aws.status["AWSLambda"] = 403


def fail_late(aws: PriceList) -> None:
    aws.status["AmazonVPC"] = 400


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (break_tiers, "tiers"),
        (break_units, "Lambda-GB-Hour"),
        (lose_requests, "no price of a request"),
        (price_twice, "two prices for t3.medium"),
        (price_at_nothing, "zero"),
        (price_in_words, "cheap"),
        (jump, "jumped"),
        (lose_most, "would lose a price"),
        (lose_all_instances, "no on-demand Linux instance"),
        (misname_memory, "x1.odd"),
        (deny, "403|not authorized"),
        (fail_late, "400|not authorized"),
    ],
)
def test_on_any_failure_a_sentence_names_it_and_every_file_is_as_it_was(
    harm, named, source, aws, folder
):
    before = contents(folder)
    harm(aws)
    with pytest.raises((PriceListError, ClientError), match=named):
        run(source, folder)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda aws: aws.cut.update({"AWSLambda": 900}), "broke off"),
        (lambda aws: aws.cut.update({"AmazonEC2": 2500}), "broke off"),
        (lambda aws: setattr(aws, "garbage", True), "not JSON"),
        (lambda aws: aws.offers.clear(), "404"),
    ],
)
def test_a_file_that_is_cut_or_is_none_changes_nothing(harm, named, aws, folder):
    before = contents(folder)
    harm(aws)
    with pytest.raises(PriceListError, match=named):
        run(PublicList(aws.url), folder)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("harm", "named"),
    [
        (lambda line: line.replace(",2,4.0,", ",two,4.0,"), "two"),
        (lambda line: line + line, "two rows for one"),
    ],
)
def test_a_table_that_the_deck_could_not_read_is_not_written(harm, named, source, folder):
    """Broken by hand, in a region that is not refreshed."""
    path = folder / "ec2.csv"
    lines = path.read_text().splitlines(True)
    path.write_text(
        "".join(harm(line) if line.startswith("ap-south-1,c6i.large") else line for line in lines)
    )
    before = contents(folder)
    with pytest.raises(PriceListError, match=named):
        run(source, folder)
    assert contents(folder) == before


def test_a_csv_in_another_format_is_refused(aws, folder):
    aws.garbage = True
    with pytest.raises(PriceListError, match="format has changed"):
        run(PublicList(aws.url), folder, tables=["ec2"])


def test_a_jump_that_was_looked_at_is_written(source, aws, folder):
    jump(aws)
    run(source, folder, accept=True)
    assert (
        prices.lambda_price("eu-west-1", "x86_64", tables=folder).usd_per_million_requests
        == 200_000
    )


def test_a_disk_that_fails_leaves_the_old_files_and_nothing_beside_them(
    source, folder, monkeypatch
):
    before = contents(folder)

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        run(source, folder)
    assert contents(folder) == before


def test_credentials_choose_the_pricing_api_and_none_the_public_files(monkeypatch, tmp_path):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert isinstance(refresh.source_of("auto"), PublicList)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    assert isinstance(refresh.source_of("auto"), PricingApi)
    assert isinstance(refresh.source_of("files"), PublicList)


def test_the_pricing_api_is_aws_even_where_boto3_is_pointed_at_this_machine(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "example")
    assert (
        refresh.source_of("api").client.meta.endpoint_url
        == "https://api.pricing.us-east-1.amazonaws.com"
    )


def command(aws: PriceList, folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    line = [
        sys.executable,
        "-m",
        "lambdadeck.prices.refresh",
        "--from",
        "files",
        "--url",
        aws.url,
        "--folder",
        str(folder),
    ]
    regions = [word for region in REGIONS for word in ("--region", region)]
    return subprocess.run([*line, *regions, *more], capture_output=True, text=True, timeout=60)


def test_the_command_refreshes_and_shows_what_changed(aws, folder):
    done = command(aws, folder)
    assert done.returncode == 0, done.stderr
    assert "written: lambda.csv, ec2.csv, other.csv" in done.stdout
    assert "other eu-west-1 rest-api 0 usd: unknown -> 3.5" in done.stdout
    assert prices.ec2_price("eu-west-1", "c6i.large", tables=folder).as_of == dt.date.today()


def test_the_command_fails_with_a_sentence_and_without_a_traceback(aws, folder):
    before = contents(folder)
    deny(aws)
    done = command(aws, folder)
    assert done.returncode == 1
    assert "403" in done.stderr and "The price tables are as they were." in done.stderr
    assert "Traceback" not in done.stderr
    assert contents(folder) == before


def test_the_script_is_executable(root):
    assert os.access(root / "scripts" / "refresh-prices", os.X_OK)
