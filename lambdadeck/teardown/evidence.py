"""Tell by the record of an account whether a resource in it is ours."""

from collections import defaultdict
from collections.abc import Iterable

from lambdadeck.aws import ledger
from lambdadeck.aws.ledger import Entry
from lambdadeck.teardown.listings import LISTINGS, Resource

CLOCKS_S = 300.0  # how far apart two clocks may be: AWS refuses a larger difference


class Evidence:
    """What the record says of an account's resources."""

    def __init__(self, lines: Iterable[Entry]) -> None:
        self._calls: dict[tuple[str, str], list[list[Entry]]] = defaultdict(list)
        self._ids: set[tuple[str, str]] = set()
        for call in ledger.calls(list(lines)):
            if call[-1].step in ("asked", "made"):
                self._calls[call[0].kind, call[0].name].append(call)
                self._ids |= {(line.kind, line.id) for line in call if line.id}

    def names(self, resource: Resource) -> bool:
        """Return whether the record has its id or its name: enough to look closer."""
        known = (resource.kind, resource.name), ("function", resource.logs_of)
        return (resource.kind, resource.key) in self._ids or not self._calls.keys().isdisjoint(
            known
        )

    def proves(self, resource: Resource, created_s: float | None) -> bool:
        """Return whether a recorded call made this very resource."""
        if (resource.kind, resource.key) in self._ids:
            return True
        if created_s is None:
            return False
        # Lambda itself makes a function's log group, at any time after the function.
        of_function = self._of("function", resource.logs_of)
        if any(created_s >= call[0].at_s - CLOCKS_S for call in of_function):
            return True
        return any(
            call[0].at_s - CLOCKS_S <= created_s <= call[-1].at_s + CLOCKS_S
            for call in self._of(resource.kind, resource.name)
        )

    def unknown(self) -> list[str]:
        """Return what was made of kinds that cannot be listed or removed here."""
        unknown = {key for key in self._calls if key[0] and key[0] not in LISTINGS}
        return sorted(f"{kind} {name}".strip() for kind, name in unknown)

    def _of(self, kind: str, name: str) -> list[list[Entry]]:
        return self._calls.get((kind, name), [])
