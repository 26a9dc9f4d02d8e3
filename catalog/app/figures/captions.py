"""What is seen in the maps of the shipped sweeps, and what the claims say of it; every number is taken from the map."""

from collections.abc import Iterator
from typing import Any

from catalog.app.tables import counted, rounded
from catalog.claims.conjectures import largest_distance
from catalog.claims.near_identity import RATE
from catalog.sweeps.maps import Map

CONJECTURED = 0.4
"""Rate of C3."""


def values(found: Map) -> Iterator[tuple[Any, Any, float]]:
    """x, y and value of each cell that has one."""
    return ((x, y, entry.value) for (x, y), entry in found.entries.items() if entry.value is not None)


def origin(found: Map) -> str:
    """Where the numbers are from."""
    reached = "all" if found.converged == found.runs else f"{found.converged:,}"
    return f"Measured in {counted(found.runs, 'run')}, of which {reached} reached the tolerance."


def worst_direction(found: Map) -> str:
    """Rates to diag(1 - D, 1, 1, 1), against P1 and C3."""
    rates = [(depth, 1 - outlier, rate) for depth, outlier, rate in values(found)]
    return (
        f"{origin(found)} The target is ``diag(1 - D, 1, 1, 1)``, its outlier ``1 - D``; ``eta L`` is 1/20. "
        f"{_of_claims(rates)} In this direction it can hold no further: rates below 0.4 begin at D = "
        f"{_first_below(rates, 2)} with two layers, and at {_first_below(rates, 64)} with 64."
    )


def random_directions(found: Map) -> str:
    """Rates to I + D G / |G|_F, against P1 and C3."""
    rates = list(values(found))
    seeds = found.over["seed"]
    return (
        f"{origin(found)} Each cell has the least rate to {seeds} targets ``I + D G / |G|_F``, G Gaussian, at a tenth "
        f"of the default step. {_of_claims(rates)} Rates below 0.4 begin at D = {_first_below(rates, 2)} with two "
        f"layers, and at {_first_below(rates, 64)} with 64: random directions are better than the worst one."
    )


def _of_claims(rates: list[tuple[int, float, float]]) -> str:
    """The least rates where P1 and C3 say something."""
    near = min(rate for _, distance, rate in rates if distance <= 1 / 12)
    within = min(rate for depth, distance, rate in rates if distance <= largest_distance(depth))
    return (
        f"Up to distance 1/12 P1 proves a rate of {RATE}, and the least is {rounded(near)}. C3 conjectures 0.4 up to "
        f"``D_L``, which is {rounded(largest_distance(2))} with two layers and {rounded(largest_distance(64))} with "
        f"64, and the least rate there is {rounded(within)}."
    )


def _first_below(rates: list[tuple[int, float, float]], wanted: int) -> str:
    """The least distance at which a rate is below the conjectured one."""
    return rounded(min(distance for depth, distance, rate in rates if depth == wanted and rate < CONJECTURED))


ROUNDING_DECIDES = (
    "Rounding decides when, and with two layers even whether, a run leaves: with the kernels of another processor some "
    "do otherwise."
)


def escapes(found: Map) -> str:
    """Steps to leave the saddle by depth and dimension, against P4."""
    steps = {depth: [value for x, _, value in values(found) if x == depth] for depth in found.across}
    never = [depth for depth, own in steps.items() if not own]
    left = {depth: own for depth, own in steps.items() if own}
    first, last = min(left), max(left)
    apart = max(max(own) / min(own) for own in left.values())
    stay = f" With {' or '.join(map(str, never))} layers none left in 10,000 steps." if never else ""
    return (
        f"{origin(found)} In exact arithmetic none would (P4). Rounding makes them leave, after "
        f"{_between(left[first])} steps with {first} layers and {_between(left[last])} with {last}. The dimension "
        f"hardly matters: of one depth the medians are within a factor of {rounded(apart)}.{stay} {ROUNDING_DECIDES}"
    )


def precisions(found: Map) -> str:
    """Steps to leave the saddle in two precisions, against N5a."""
    medians = {(depth, engine): value for depth, engine, value in values(found)}
    depths = [depth for depth in found.across if (depth, "single") in medians]
    double = ("reference", "compiled")
    ratios = [medians[depth, engine] / medians[depth, "single"] for depth in depths for engine in double]
    return (
        f"{origin(found)} In double precision (reference, compiled) they take {_between(ratios)} times the steps of "
        "single. N5a proves that double precision does no harm up to a step that grows like ``ln(1/u)``, ``u`` "
        "being the rounding unit, and ``ln(2^53)`` is 2.21 times ``ln(2^24)``: the measured times grow as the proved "
        f"ones do. {ROUNDING_DECIDES}"
    )


def rotations(found: Map) -> str:
    """Steps to a rotation, against N2a and N2b."""
    near, last = found.down[-2:]
    reached = [depth for depth in found.across if found.entries[depth, last].converged]
    steps = {(depth, angle): value for depth, angle, value in values(found)}
    most, slowest = max(steps[depth, near] for depth in found.across), max(steps[depth, last] for depth in reached)
    return (
        f"{origin(found)} N2a proves, at smaller steps, that every angle below pi is learned, and up to {near:g} every "
        f"run does, in at most {rounded(most)} steps. The last row is the float nearest to pi, short of it by 1.2e-16: "
        f"there {' and '.join(map(str, reached))} layers learn it in {rounded(slowest)} steps at most, more layers do "
        "not in 100,000; at pi itself N2b forbids it from two layers on."
    )


def margins(found: Map) -> str:
    """Rates to targets with a margin, against C1."""
    shares = [(rate / (0.8 * margin ** (2 - 2 / depth)), margin, depth) for depth, margin, rate in values(found)]
    share, margin, depth = min(shares)
    each = found.runs // len(found.entries)
    return (
        f"{origin(found)} Each cell has the least rate of {each} runs with skew parts of norm 0 to 5. C1 conjectures "
        f"at least ``(4/5) gamma^(2 - 2/L)``, ``gamma`` being the margin. Nothing speaks against it: each is at least "
        f"{rounded(share)} times that, which margin {rounded(margin)} with {depth} layers comes next to."
    )


def step_sizes(found: Map) -> str:
    """Steps and successes by step size, against C1 and N9c."""

    def reached(rule: str, *skews: float) -> str:
        own = [entry for (x, skew), entry in found.entries.items() if x == rule and (not skews or skew in skews)]
        return f"{sum(entry.converged for entry in own):,} of {sum(entry.runs for entry in own):,}"

    return (
        f"{origin(found)} C1 is about the default step, at most a quarter of the cap: {reached('default')} reach the "
        f"tolerance with it in 20,000 steps, {reached('0.5 cap')} with half the cap, {reached('0.9 cap')} with 0.9 of "
        f"it. Beyond the cap N9c leaves no minimum stable: {reached('1.1 cap', *found.down[1:])} do with a skew part, "
        f"and {reached('1.1 cap', found.down[0])} without, whose unstable direction starts without an error."
    )


def _between(numbers: list[float]) -> str:
    return f"{rounded(min(numbers))} to {rounded(max(numbers))}"
