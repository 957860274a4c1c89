"""The intersection of a bent line and a staircase: exact, without a search grid."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Segment:
    """A straight piece of a line from `start` to `end` (inf for the last piece)."""

    start: float
    end: float
    height: float  # at start
    slope: float

    def at(self, x: float) -> float:
        """Return the line's height at `x`."""
        return self.height + self.slope * (x - self.start)


@dataclass(frozen=True)
class Staircase:
    """`rise` dollars for each step; step n carries loads up to n * `run`.

    At least `least` steps are paid, and `spare` more that carry nothing. Burstable instances also
    pay `surplus` dollars a unit of load, less `credit` dollars for each step.
    """

    rise: float
    run: float
    least: float = 1.0
    spare: float = 0.0
    surplus: float = 0.0
    credit: float = 0.0

    @property
    def parts(self) -> tuple[tuple[float, float], ...]:
        """Return (dollars a step, dollars a unit of load); the larger sum is the cost."""
        bare = (self.rise, 0.0)
        return (bare, (self.rise - self.credit, self.surplus)) if self.surplus else (bare,)

    def step(self, x: float) -> float:
        """Return the number of the step that carries `x`."""
        steps = x / self.run * (1 - 1e-12)  # float noise must not start a step
        return max(self.least, math.ceil(steps)) if math.isfinite(steps) else math.inf


def first_crossing(line: Sequence[Segment], stairs: Staircase) -> float:
    """Return the smallest x at which the line is as high as the staircase; inf if it never is.

    A segment of unknown height (NaN) ends the search with NaN.
    """
    for segment in line:
        if math.isnan(segment.slope):
            return math.nan
        x = _first_in(segment, stairs)
        if x is not None:
            return x
    return math.inf


def _first_in(piece: Segment, stairs: Staircase) -> float | None:
    here = stairs.step(piece.start)
    if math.isinf(here):
        return None
    x = _first_on(piece, stairs, here)
    step = math.inf if x is not None else _first_step(piece, stairs, here + 1)
    # One more: float noise may take the first step for the one before it.
    for later in (step, step + 1) if math.isfinite(step) else ():
        x = _first_on(piece, stairs, later) if x is None else x
    return x


def _first_on(piece: Segment, stairs: Staircase, step: float) -> float | None:
    """Return the smallest x on this step at which the line is as high as it; None if nowhere."""
    start = piece.start if step == stairs.least else max(piece.start, (step - 1) * stairs.run)
    low, high = start, min(piece.end, step * stairs.run)
    for a_step, a_load in stairs.parts:
        lead = piece.at(start) - a_step * (step + stairs.spare) - a_load * start
        gain = piece.slope - a_load
        if lead < 0:
            low = max(low, start - lead / gain) if gain > 0 else math.inf
        elif gain < 0:
            high = min(high, start - lead / gain)
    return low if low <= high else None


def _first_step(piece: Segment, stairs: Staircase, least: float) -> float:
    """Return the first step from `least` on that the line reaches; inf if none.

    The bounds of x on step n are lines over n: each lower one below each upper one gives a range.
    """
    if math.isinf(stairs.run):
        return math.inf
    lows = [(piece.start, 0.0), (-stairs.run, stairs.run)]
    highs = [(piece.end, 0.0), (0.0, stairs.run)]
    most = math.inf
    for a_step, a_load in stairs.parts:
        gain = piece.slope - a_load
        short = a_step * stairs.spare - piece.height + piece.slope * piece.start
        if gain == 0:
            most = min(most, -short / a_step) if a_step else most
        else:
            (lows if gain > 0 else highs).append((short / gain, a_step / gain))
    for low, low_step in lows:
        for high, high_step in highs:
            rest, each = high - low, low_step - high_step
            if each > 0:
                most = min(most, rest / each)
            elif each < 0:
                least = max(least, rest / each)
            elif rest < 0:
                return math.inf
    first = math.ceil(least - 1e-9 * max(1.0, abs(least)))
    return first if first <= most * (1 + 1e-9) else math.inf


def last_crossing(line: Sequence[Segment], stairs: Staircase, first: float) -> float:
    """Return an x beyond which the line stays above the staircase; inf if it never does.

    `first` if the line never falls behind again; else exact to within one step, on the safe side:
    the line outgrows even a step just begun. NaN if a height that decides it is unknown.
    """
    if not math.isfinite(first):
        return first
    full, x = stairs.least * stairs.run, first
    for a_step, a_load in stairs.parts:
        # The first steps are paid in any case; beyond them, a step just begun.
        paid = (a_step * (stairs.least + stairs.spare), a_load)
        begun = a_step * (stairs.spare + (a_step > 0)), a_load + a_step / stairs.run
        early, late = _between(line, first, full), _between(line, max(first, full), math.inf)
        last = [_behind(early, *paid, x), _behind(late, *begun, x)]
        if any(map(math.isnan, last)):
            return math.nan
        x = max(x, *last)
    return x


def _behind(line: Sequence[Segment], height: float, slope: float, x: float) -> float:
    """Return the last x at which the pieces are below that straight line, `x` if never."""
    for piece in line:
        lead = piece.height - height - slope * piece.start
        gain = piece.slope - slope
        at_end = lead + gain * (piece.end - piece.start) if math.isfinite(piece.end) else gain
        if math.isnan(lead) or math.isnan(at_end):
            return math.nan
        noise = 1e-12 * abs(piece.height if math.isfinite(piece.end) else piece.slope)
        if at_end < -noise or (piece.end == math.inf and gain == 0 and lead < 0):
            x = piece.end
        elif lead < -1e-12 * abs(piece.height):
            x = piece.start - lead / gain
    return x


def _between(line: Sequence[Segment], low: float, high: float) -> list[Segment]:
    """Return the pieces of the line from `low` to `high`, cut there."""
    pieces = [piece for piece in line if piece.end > low and piece.start < high and low < high]
    return [
        Segment(start, min(piece.end, high), piece.at(start), piece.slope)
        for piece in pieces
        for start in [max(piece.start, low)]
    ]
