"""The difference between two versions of the price tables, and a check that it makes sense."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from lambdadeck.prices.aws_price_list import PriceListError
from lambdadeck.prices.rows import Row

KEYS = {
    "lambda": ("region", "arch"),
    "ec2": ("region", "instance_type"),
    "other": ("region", "item", "from_units"),
}
JUMP = 3  # a person looks first at a price that is this many times another


@dataclass(frozen=True)
class Change:
    """A price that differs; `old` or `new` is empty if it is unknown."""

    table: str
    key: tuple[str, ...]
    column: str
    old: str
    new: str

    def __str__(self) -> str:
        name = f"{self.table} {' '.join(self.key)} {self.column}"
        if not self.old or not self.new:
            return f"{name}: {self.old or 'unknown'} -> {self.new or 'unknown'}"
        ratio = Decimal(self.new) / Decimal(self.old)
        return f"{name}: {self.old} -> {self.new} ({ratio - 1:+.1%})"

    @property
    def is_jump(self) -> bool:
        """Return if the price is more than three times, or less than a third of, the old one."""
        if not self.old or not self.new or not Decimal(self.old):
            return False
        return not Decimal(1) / JUMP <= Decimal(self.new) / Decimal(self.old) <= JUMP


def changes(table: str, old: Iterable[Row], new: Iterable[Row]) -> list[Change]:
    """Return what differs in price between two versions of a table, by key."""
    before, after = (
        {tuple(row[name] for name in KEYS[table]): row for row in rows} for rows in (old, new)
    )
    first: Row = next(iter([*before.values(), *after.values()]), {})
    found = [
        Change(
            table,
            key,
            column,
            before.get(key, {}).get(column, ""),
            after.get(key, {}).get(column, ""),
        )
        for key in sorted(before.keys() | after.keys())
        for column in first
        if column.startswith("usd")
    ]
    return [change for change in found if _number(change.old) != _number(change.new)]


def _number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def summary(changed: Sequence[Change], new: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """Yield a line for each change, and how many there are."""
    yield from map(str, changed)
    count = f"{sum(map(len, new.values())):,} rows"
    yield f"{len(changed)} prices differ in {count}" if changed else f"no price differs in {count}"


def refuse_mistakes(changed: Sequence[Change], old: Mapping[str, Sequence[Row]]) -> None:
    """Raise PriceListError if the changes look like a mistake of AWS's list or of ours."""
    jumps = [change for change in changed if change.is_jump]
    if jumps:
        more = f" and {len(jumps) - 1} more" if len(jumps) > 1 else ""
        raise PriceListError(
            f"A price jumped: {jumps[0]}{more}. If it is right, say --accept-jumps."
        )
    for table, rows in old.items():
        gone = {change.key for change in changed if change.table == table and not change.new}
        if len(gone) > max(1, len(rows) // 5):
            lost = f"{len(gone)} of the {len(rows)} rows of {table}.csv would lose a price"
            raise PriceListError(f"{lost}. If that is right, say --accept-jumps.")
