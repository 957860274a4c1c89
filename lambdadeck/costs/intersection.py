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

    def reaches(self, height: float) -> float:
        """Return the x at which a rising line is at `height`; never before start."""
        return self.start + max(0.0, height - self.height) / self.slope


@dataclass(frozen=True)
class Staircase:
    """`rise` dollars for each step; step n carries loads up to n * `run`.

    At least `least` steps are paid, and `spare` more that carry nothing.
    """

    rise: float
    run: float
    least: float = 1.0
    spare: float = 0.0

    def step(self, x: float) -> float:
        """Return the number of the step that carries `x`."""
        steps = x / self.run * (1 - 1e-12)  # float noise must not start a step
        return max(self.least, math.ceil(steps)) if math.isfinite(steps) else math.inf

    def height(self, step: float) -> float:
        """Return the cost of that step, the spare ones included."""
        return self.rise * (step + self.spare)


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
    if piece.height >= stairs.height(here):
        return piece.start
    if piece.slope <= 0:
        return None
    # On this step, or on the first later one that a longer line would outgrow.
    for step in (here, _outgrown(piece, stairs, here)):
        x = piece.reaches(stairs.height(step)) if math.isfinite(step) else math.inf
        if x <= min(piece.end, step * stairs.run):
            return x
    return None


def _outgrown(piece: Segment, stairs: Staircase, after: float) -> float:
    """Return the first step beyond `after` at whose end the line is as high as it, or inf."""
    gain = piece.slope * stairs.run - stairs.rise
    if not 0 < gain < math.inf:
        return math.inf
    behind = stairs.rise * stairs.spare - piece.height + piece.slope * piece.start
    return max(after + 1, math.ceil(behind / gain))


def last_crossing(line: Sequence[Segment], stairs: Staircase, first: float) -> float:
    """Return an x beyond which the line stays above the staircase; inf if it never does.

    `first` if the line never falls behind again; else exact to within one step, on the safe side:
    the line outgrows even a step just begun. NaN if a height that decides it is unknown.
    """
    if not math.isfinite(first):
        return first
    x = first
    for piece in _beyond(line, max(first, stairs.least * stairs.run)):
        lead = piece.height - _begun(stairs, piece.start)
        gain = piece.slope - stairs.rise / stairs.run
        at_end = lead + gain * (piece.end - piece.start) if math.isfinite(piece.end) else gain
        if math.isnan(lead) or math.isnan(at_end):
            return math.nan
        if at_end < 0 or (piece.end == math.inf and gain == 0 and lead < 0):
            x = piece.end
        elif lead < 0:
            x = piece.start - lead / gain
    return x


def _begun(stairs: Staircase, x: float) -> float:
    return stairs.rise * (x / stairs.run + 1 + stairs.spare)


def _beyond(line: Sequence[Segment], x: float) -> list[Segment]:
    """Return the pieces of the line from `x` on, the first one cut at it."""
    starts = [(max(piece.start, x), piece) for piece in line if piece.end > x]
    return [Segment(start, piece.end, piece.at(start), piece.slope) for start, piece in starts]
