"""EC2's price table by columns, for sums over all instance types."""

from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambdadeck.prices.dated import TABLES, UnknownPrice, version
from lambdadeck.prices.tables import Ec2Price, ec2_table


@dataclass(frozen=True, eq=False)
class Ec2Catalogue:
    """EC2's price table by columns: numpy arrays of one length, a row an instance type in a region.

    `as_of` and `confirmed` (NaT: never) are datetime64[D]; the others are those of `Ec2Price`.
    """

    region: NDArray[np.str_]
    instance_type: NDArray[np.str_]
    arch: NDArray[np.str_]
    vcpu: NDArray[np.int64]
    memory_gib: NDArray[np.float64]
    usd_per_hour: NDArray[np.float64]
    burst_baseline_per_vcpu: NDArray[np.float64]
    surplus_usd_per_vcpu_hour: NDArray[np.float64]
    how: NDArray[np.str_]
    source: NDArray[np.str_]
    as_of: NDArray[np.datetime64]
    as_of_note: NDArray[np.str_]
    confirmed: NDArray[np.datetime64]
    confirmed_by: NDArray[np.str_]

    @property
    def last_confirmed(self) -> NDArray[np.datetime64]:
        """Return the days from which the rows' ages count: the later of their two dates."""
        return np.fmax(self.as_of, self.confirmed)

    def __len__(self) -> int:
        return len(self.instance_type)

    def where(self, chosen: NDArray[np.bool_] | NDArray[np.intp]) -> "Ec2Catalogue":
        """Return the rows that `chosen` (a boolean mask or row numbers) picks."""
        return Ec2Catalogue(**{f.name: getattr(self, f.name)[chosen] for f in fields(self)})


def ec2_catalogue(region: str | None = None, *, tables: Path = TABLES) -> Ec2Catalogue:
    """Return the EC2 rows of `region` (None: of all); LookupError for an unknown region."""
    catalogue = _ec2_columns(*version(tables / "ec2.csv"))
    if region is None:
        return catalogue
    if region not in catalogue.region:
        raise UnknownPrice(
            f"No EC2 prices for {region!r}. Known: {', '.join(np.unique(catalogue.region))}."
        )
    return catalogue.where(catalogue.region == region)


@cache
def _ec2_columns(path: Path, changed_ns: int) -> Ec2Catalogue:
    rows = list(ec2_table(path, changed_ns).values())
    columns: dict[str, NDArray[Any]] = {
        f.name: np.array([getattr(row, f.name) for row in rows]) for f in fields(Ec2Price)
    }
    for day in ("as_of", "confirmed"):
        columns[day] = columns[day].astype("datetime64[D]")
    for column in columns.values():
        column.flags.writeable = False  # cached: shared by every caller
    return Ec2Catalogue(**columns)
