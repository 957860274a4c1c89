"""Rebuild the price tables from AWS: read all, show what changed, then write at once. Run by scripts/refresh-prices."""

import argparse
import csv
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck.prices import rows as price_rows
from lambdadeck.prices import tables as prices
from lambdadeck.prices.aws_price_list import (
    PUBLIC_URL,
    PriceListError,
    PricingApi,
    PublicList,
    Source,
)
from lambdadeck.prices.rows import Row

KEYS = {
    "lambda": ("region", "arch"),
    "ec2": ("region", "instance_type"),
    "other": ("region", "item", "from_units"),
}
# us-east-1 holds every instance type; elsewhere the types that the table has already are renewed.
COMPLETE = "us-east-1"
JUMP = 3  # a price this many times another is looked at by a person first
OTHER_SERVICES = ("AWSELB", "AmazonApiGateway", "AmazonVPC")

Table = list[Row]


@dataclass(frozen=True)
class Change:
    """One price that is not what it was; an empty string for what was or is not there."""

    table: str
    key: tuple[str, ...]
    column: str
    old: str
    new: str

    def __str__(self) -> str:
        name = f"{self.table} {' '.join(self.key)} {self.column}"
        if not self.old or not self.new:
            return f"{name}: {self.old or 'unknown'} -> {self.new or 'unknown'}"
        return (
            f"{name}: {self.old} -> {self.new} ({Decimal(self.new) / Decimal(self.old) - 1:+.1%})"
        )

    @property
    def is_jump(self) -> bool:
        """Whether the price is more than three times, or less than a third of, what it was."""
        if not self.old or not self.new or not Decimal(self.old):
            return False
        return not Decimal(1) / JUMP <= Decimal(self.new) / Decimal(self.old) <= JUMP


def refresh(
    source: Source,
    *,
    tables: Sequence[str] = tuple(KEYS),
    regions: Sequence[str] = (),
    all_types: bool = False,
    accept: bool = False,
    dry_run: bool = False,
    folder: Path = prices.TABLES,
    today: dt.date | None = None,
    say: Callable[[str], None] = print,
) -> list[Change]:
    """Read the tables' prices from `source`, say what changed, and replace the files in `folder`.

    `regions`: only these (all that a table has, when empty). Nothing is written unless everything
    was read and makes sense: PriceListError says what did not, and the files are as they were.
    """
    old = {table: _read(folder / f"{table}.csv") for table in KEYS}
    day = (today or dt.date.today()).isoformat()
    new = {table: _renewed(table, old, source, regions, all_types, day, say) for table in tables}
    changed = [change for table in tables for change in changes(table, old[table], new[table])]
    for line in _summary(changed, new):
        say(line)
    _check(changed, old, accept)
    if not dry_run:
        _write(new, folder)
        say(f"written: {', '.join(f'{table}.csv' for table in tables)}")
    return changed


def changes(table: str, old: Iterable[Row], new: Iterable[Row]) -> list[Change]:
    """What differs in price between two versions of a table, by key; dates and sources aside."""
    before, after = (
        {tuple(row[name] for name in KEYS[table]): row for row in rows} for rows in (old, new)
    )
    columns = [
        name
        for row in [*before.values(), *after.values()][:1]
        for name in row
        if name.startswith("usd")
    ]
    return [
        Change(
            table,
            key,
            column,
            before.get(key, {}).get(column, ""),
            after.get(key, {}).get(column, ""),
        )
        for key in sorted(before.keys() | after.keys())
        for column in columns
        if _number(before.get(key, {}).get(column, ""))
        != _number(after.get(key, {}).get(column, ""))
    ]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def _read(path: Path) -> Table:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _renewed(
    table: str,
    old: Mapping[str, Table],
    source: Source,
    regions: Sequence[str],
    all_types: bool,
    day: str,
    say: Callable[[str], None],
) -> Table:
    """The table with the rows of the chosen regions read anew and all others as they were."""
    chosen = list(regions) or sorted(
        {row["region"] for row in old["lambda" if table == "other" else table]}
    )
    rows = [row for row in old[table] if row["region"] not in chosen]
    for region in chosen:
        read = {"lambda": _lambda, "ec2": _ec2, "other": _other}[table]
        fresh = read(source, region, day, old[table], all_types)
        say(f"{table} {region}: {len(fresh)} rows")
        rows += fresh
    header = list(old[table][0])
    ordered = sorted(rows, key=lambda row: [_sortable(row[name]) for name in KEYS[table]])
    return [{name: row[name] for name in header} for row in ordered]


def _sortable(text: str) -> tuple[Decimal, str]:
    return (Decimal(text), "") if text.replace(".", "", 1).isdecimal() else (Decimal(0), text)


def _lambda(source: Source, region: str, day: str, old: Table, all_types: bool) -> Table:
    found = list(source.products("AWSLambda", region, price_rows.LAMBDA_WANTED))
    return price_rows.lambda_rows(region, found, _stamp(source, found, "AWSLambda", day))


def _ec2(source: Source, region: str, day: str, old: Table, all_types: bool) -> Table:
    found = list(source.products("AmazonEC2", region, [price_rows.INSTANCES_WANTED]))
    baselines = {row["instance_type"]: row for row in old if row["burst_baseline_per_vcpu"]}
    rows = price_rows.ec2_rows(region, found, _stamp(source, found, "AmazonEC2", day), baselines)
    here = {row["instance_type"] for row in old if row["region"] == region}
    types = here or {row["instance_type"] for row in old if row["region"] != COMPLETE}
    return [row for row in rows if all_types or region == COMPLETE or row["instance_type"] in types]


def _other(source: Source, region: str, day: str, old: Table, all_types: bool) -> Table:
    fresh = [row for service in OTHER_SERVICES for row in _items(source, service, region, day)]
    # A volume's price alone is not worth EC2's public file of 300 MB.
    if source.is_selective:
        return fresh + _items(source, "AmazonEC2", region, day)
    return fresh + [row for row in old if row["region"] == region and row["item"] == "gp3-gb-month"]


def _items(source: Source, service: str, region: str, day: str) -> Table:
    """The rows of the items that `service` sells."""
    wanted = price_rows.VOLUMES_WANTED if service == "AmazonEC2" else {}
    found = list(source.products(service, region, [wanted]))
    return price_rows.item_rows(region, found, _stamp(source, found, service, day))


def _stamp(source: Source, found: Sequence[object], service: str, day: str) -> Row:
    published = f", published {found[0].published}" if found and found[0].published else ""
    return {"source": f"{source.name}, {service}{published}", "as_of": day, "as_of_note": ""}


def _summary(changed: Sequence[Change], new: Mapping[str, Table]) -> Iterable[str]:
    yield from map(str, changed)
    count = sum(len(rows) for rows in new.values())
    yield (
        f"{len(changed)} prices differ in {count:,} rows"
        if changed
        else f"no price differs in {count:,} rows"
    )


def _check(changed: Sequence[Change], old: Mapping[str, Table], accept: bool) -> None:
    """Refuse what looks like a mistake of AWS's list or of ours, unless it was looked at."""
    jumps = [change for change in changed if change.is_jump]
    if jumps and not accept:
        more = f" and {len(jumps) - 1} more" if len(jumps) > 1 else ""
        raise PriceListError(
            f"A price jumped: {jumps[0]}{more}. If that is right, say --accept-jumps."
        )
    for table, rows in old.items():
        gone = {change.key for change in changed if change.table == table and not change.new}
        if len(gone) > max(1, len(rows) // 5) and not accept:
            lost = f"{len(gone)} of the {len(rows)} rows of {table}.csv would lose a price"
            raise PriceListError(f"{lost}. If that is right, say --accept-jumps.")


def _write(tables: Mapping[str, Table], folder: Path) -> None:
    """Write beside the files, read that back as the deck will, then replace them one by one."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".refresh-") as temporary:
        beside = Path(temporary)
        for table in KEYS:
            _write_table(
                tables.get(table) or _read(folder / f"{table}.csv"), beside / f"{table}.csv"
            )
        _read_back(beside)
        for table in tables:
            os.replace(beside / f"{table}.csv", folder / f"{table}.csv")


def _write_table(rows: Table, path: Path) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        file.flush()
        os.fsync(file.fileno())


def _read_back(folder: Path) -> None:
    """Read the new files as the deck will."""
    try:
        prices.regions(tables=folder)
        prices.unit_price("function-url", "all", tables=folder)
        count = len(prices.ec2_catalogue(tables=folder))
    except (ValueError, KeyError, LookupError) as problem:
        raise PriceListError(f"The new tables could not be read: {problem}.") from problem
    if count != len(_read(folder / "ec2.csv")):
        raise PriceListError("ec2.csv would have two rows for one instance type in one region.")


def source_of(choice: str, url: str = PUBLIC_URL) -> Source:
    """The pricing API ("api"), the public files ("files"), or the API if there are credentials ("auto")."""
    session = boto3.Session()
    if choice == "files" or (choice == "auto" and session.get_credentials() is None):
        return PublicList(url, say=lambda line: print(line, file=sys.stderr))
    # Real AWS even where AWS_ENDPOINT_URL points to the Lambda on this machine.
    config = Config(ignore_configured_endpoint_urls=True, retries={"mode": "standard"})
    return PricingApi(session.client("pricing", region_name="us-east-1", config=config))


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Read the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/refresh-prices",
        description="Rebuild assets/prices from AWS, show what changed. On any failure the tables stay as they are.",
    )
    add = parser.add_argument
    add(
        "--from",
        dest="choice",
        choices=["auto", "api", "files"],
        default="auto",
        help="the pricing API, the public files, or (auto) the API if there are credentials for it",
    )
    add(
        "--table",
        dest="tables",
        action="append",
        choices=list(KEYS),
        help="only this table; can be repeated",
    )
    add(
        "--region",
        dest="regions",
        action="append",
        default=[],
        help="only this region; can be repeated. EC2's public file is about 300 MB a region",
    )
    add(
        "--all-types",
        action="store_true",
        help=f"every EC2 instance type in every region, not only in {COMPLETE}",
    )
    add(
        "--accept-jumps",
        action="store_true",
        help=f"write even if a price is {JUMP} times what it was, or a third",
    )
    add("--dry-run", action="store_true", help="show what changed, write nothing")
    add("--url", default=PUBLIC_URL, help="where the public files are (default: %(default)s)")
    add(
        "--folder",
        type=Path,
        default=prices.TABLES,
        help="the folder of the tables (default: assets/prices)",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Refresh as the command line says; 0 when done, 1 with a sentence when nothing was written."""
    given = options(arguments)
    try:
        refresh(
            source_of(given.choice, given.url),
            tables=given.tables or tuple(KEYS),
            regions=given.regions,
            all_types=given.all_types,
            accept=given.accept_jumps,
            dry_run=given.dry_run,
            folder=given.folder,
        )
    except (PriceListError, BotoCoreError, ClientError, OSError) as problem:
        print(f"{problem}\nThe price tables are as they were.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The price tables are as they were.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
