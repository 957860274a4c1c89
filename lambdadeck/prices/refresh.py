"""Rebuild the price tables from AWS (scripts/refresh-prices): read all, show changes, write."""

import argparse
import csv
import datetime as dt
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lambdadeck.prices import rows as price_rows
from lambdadeck.prices.aws_price_list import (
    PUBLIC_URL,
    Filters,
    PriceListError,
    PricingApi,
    Product,
    PublicList,
    Source,
)
from lambdadeck.prices.catalogue import ec2_catalogue
from lambdadeck.prices.changes import JUMP, KEYS, Change, changes, refuse_mistakes, summary
from lambdadeck.prices.dated import TABLES, read
from lambdadeck.prices.rows import Row
from lambdadeck.prices.tables import regions as priced_regions
from lambdadeck.prices.unit_prices import unit_price

# us-east-1 holds every instance type; elsewhere only the types that the table has are renewed.
COMPLETE = "us-east-1"
OTHER_SERVICES = ("AWSELB", "AmazonApiGateway", "AmazonVPC")

Table = list[Row]


def refresh(
    source: Source,
    *,
    tables: Sequence[str] = tuple(KEYS),
    regions: Sequence[str] = (),
    all_types: bool = False,
    accept: bool = False,
    dry_run: bool = False,
    folder: Path = TABLES,
    today: dt.date | None = None,
    say: Callable[[str], None] = print,
) -> list[Change]:
    """Read the tables' prices from `source`, show the changes, and replace the files in `folder`.

    `regions`: only these (if empty, all that a table has). Nothing is written unless everything
    was read and makes sense: PriceListError says what does not, and the files stay as they were.
    """
    old = {table: read(folder / f"{table}.csv") for table in KEYS}
    reader = _TableReader(source, old, (today or dt.date.today()).isoformat(), all_types)
    new = {table: reader.renewed(table, regions, say) for table in tables}
    changed = [change for table in tables for change in changes(table, old[table], new[table])]
    for line in summary(changed, new):
        say(line)
    if not accept:
        refuse_mistakes(changed, old)
    if not dry_run:
        _write(new, folder)
        say(f"written: {', '.join(f'{table}.csv' for table in tables)}")
    return changed


@dataclass(frozen=True)
class _TableReader:
    """Reads new rows from a source, on a day; it knows the old tables."""

    source: Source
    old: Mapping[str, Table]
    day: str
    all_types: bool

    def renewed(self, table: str, regions: Sequence[str], say: Callable[[str], None]) -> Table:
        """Return the table with the rows of the chosen regions read again, the others unchanged."""
        listed = self.old["lambda" if table == "other" else table]
        chosen = list(regions) or sorted({row["region"] for row in listed})
        rows = [row for row in self.old[table] if row["region"] not in chosen]
        of_region = {"lambda": self._lambda, "ec2": self._ec2, "other": self._other}[table]
        for region in chosen:
            fresh = of_region(region)
            say(f"{table} {region}: {len(fresh)} rows")
            rows += fresh
        if table == "other" and (kept := sorted({row["item"] for row in rows if self._keeps(row)})):
            say(f"other: as they were, because nothing reads them from AWS: {', '.join(kept)}")
        ordered = sorted(rows, key=lambda row: [_sortable(row[name]) for name in KEYS[table]])
        return [{name: row[name] for name in self.old[table][0]} for row in ordered]

    def _lambda(self, region: str) -> Table:
        found = self._products("AWSLambda", region, price_rows.LAMBDA_WANTED)
        return price_rows.lambda_rows(region, *found)

    def _ec2(self, region: str) -> Table:
        old = self.old["ec2"]
        baselines = {row["instance_type"]: row for row in old if row["burst_baseline_per_vcpu"]}
        found = self._products("AmazonEC2", region, [price_rows.INSTANCES_WANTED])
        rows = price_rows.ec2_rows(region, *found, baselines)
        if self.all_types or region == COMPLETE:
            return rows
        here = {row["instance_type"] for row in old if row["region"] == region}
        types = here or {row["instance_type"] for row in old if row["region"] != COMPLETE}
        return [row for row in rows if row["instance_type"] in types]

    def _other(self, region: str) -> Table:
        fresh = [row for service in OTHER_SERVICES for row in self._items(service, region, {})]
        fresh += [row for row in self.old["other"] if row["region"] == region and self._keeps(row)]
        # A volume's price alone is not worth EC2's public file of 300 MB.
        if self.source.is_selective:
            return fresh + self._items("AmazonEC2", region, price_rows.VOLUMES_WANTED)
        return fresh

    def _keeps(self, row: Row) -> bool:
        """Return if nothing reads this item from AWS."""
        is_volume = row["item"] == "gp3-gb-month" and not self.source.is_selective
        return row["item"] not in price_rows.ITEMS or is_volume

    def _items(self, service: str, region: str, filters: Filters) -> Table:
        return price_rows.item_rows(region, *self._products(service, region, [filters]))

    def _products(
        self, service: str, region: str, wanted: Sequence[Filters]
    ) -> tuple[list[Product], Row]:
        """Return the products, and the columns that say when and where they were read."""
        found = list(self.source.products(service, region, wanted))
        published = f", published {found[0].published}" if found and found[0].published else ""
        source = f"{self.source.name}, {service}{published}"
        never = {"confirmed": "", "confirmed_by": "", "inferred": ""}
        return found, {"source": source, "as_of": self.day, "as_of_note": "", **never}


def _sortable(text: str) -> tuple[Decimal, str]:
    return (Decimal(text), "") if text.replace(".", "", 1).isdecimal() else (Decimal(0), text)


def _write(tables: Mapping[str, Table], folder: Path) -> None:
    """Write beside the files, read that back as the deck does, then replace them one by one."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".refresh-") as temporary:
        beside = Path(temporary)
        for table in KEYS:
            rows = tables.get(table) or read(folder / f"{table}.csv")
            _write_table(rows, beside / f"{table}.csv")
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
    try:
        priced_regions(tables=folder)
        unit_price("function-url", "all", tables=folder)
        count = len(ec2_catalogue(tables=folder))
    except (ValueError, KeyError, LookupError) as problem:
        raise PriceListError(f"The new tables could not be read: {problem}.") from problem
    if count != len(read(folder / "ec2.csv")):
        raise PriceListError("ec2.csv would have two rows for one instance type in one region.")


def source_of(choice: str, url: str = PUBLIC_URL) -> Source:
    """Return the pricing API ("api"), the public files ("files"), or by credentials ("auto")."""
    session = boto3.Session()
    if choice == "files" or (choice == "auto" and session.get_credentials() is None):
        return PublicList(url, say=lambda line: print(line, file=sys.stderr))
    # Real AWS even if AWS_ENDPOINT_URL points to the embedded Lambda.
    config = Config(ignore_configured_endpoint_urls=True, retries={"mode": "standard"})
    return PricingApi(session.client("pricing", region_name="us-east-1", config=config))


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """Parse the command line; --help and mistakes end the program as argparse does."""
    parser = argparse.ArgumentParser(
        prog="scripts/refresh-prices",
        description="Rebuild assets/prices from AWS and show the changes. "
        "On any failure the tables stay as they are.",
    )
    add = parser.add_argument
    source = "the pricing API, the public files, or (auto) the API if there are credentials for it"
    add("--from", dest="choice", choices=["auto", "api", "files"], default="auto", help=source)
    only = "only this table; can be repeated"
    add("--table", dest="tables", action="append", choices=list(KEYS), help=only)
    only = "only this region; can be repeated. EC2's public file is about 300 MB a region"
    add("--region", dest="regions", action="append", default=[], help=only)
    every = f"every EC2 instance type in every region, not only in {COMPLETE}"
    add("--all-types", action="store_true", help=every)
    jumps = f"write even if a price is {JUMP} times the old one, or a third of it"
    add("--accept-jumps", action="store_true", help=jumps)
    add("--dry-run", action="store_true", help="show the changes, write nothing")
    add("--url", default=PUBLIC_URL, help="where the public files are (default: %(default)s)")
    where = "the folder of the tables (default: assets/prices)"
    add("--folder", type=Path, default=TABLES, help=where)
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """Refresh as the command line says; return 0 if done, 1 if nothing was written."""
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
