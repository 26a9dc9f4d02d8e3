"""The numeric steps of a proof as data, and a rigorous check of them on the whole range of their variables.

The check needs python-flint, of the ``proofs`` extra; the steps themselves don't. It evaluates both sides in ball
arithmetic on boxes of variables, and halves the box with the least slack until the inequality holds on all of them.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from numbers import Real
from types import SimpleNamespace
from typing import TypeAlias

from catalog.enclosures import Number
from dlr.arguments import InputError, brief, flag, function, instance, integer, mapping, number, one_of, text

__all__ = ["Checked", "Step", "check", "exact", "require_checker"]

PRECISION = 106
"""Bits of a ball's centre."""

MOST_BOXES = 20_000
"""Boxes after which an undecided step is left inconclusive."""

RESOLUTION = 0.05
"""Relative width to which the least slack is enclosed, once the step is proved, if the boxes suffice."""

Inequality: TypeAlias = Callable[..., tuple[Number, Number]]
"""From the constants, as attributes of one argument, and the variables, as keywords, to ``(smaller, larger)``."""

End: TypeAlias = "float | Fraction | str"
"""The end of a range: a number, or the name of a constant. A float stands for the decimal that it prints as."""

Box: TypeAlias = "tuple[tuple[Fraction, Fraction], ...]"


@dataclass(frozen=True)
class Step:
    """A numeric step of a proof: an inequality for all variables in their ranges.

    Attributes
    ----------
    says : str
        The step in words or formulas; ``{name}`` stands for the value of a constant.
    holds : callable
        From the constants, as attributes of one argument, and the variables, as keywords, to ``(smaller, larger)``,
        the larger side positive. It sees floats or balls, and computes with the functions of `catalog.enclosures`.
    constants : mapping of str to number
        The proof's constants by name: one mapping for all its steps, whose values the claim's formulas use as well.
    variables : mapping of str to (low, high)
        Finite closed ranges, whose ends may be names of constants; a depth L enters as ``u = 1/L``. Where both sides
        become equal at an end, divide by what vanishes there.
    given : tuple of callable
        Hypotheses in the form of ``holds``: where one fails, the step need not hold.
    """

    says: str
    holds: Inequality
    constants: Mapping[str, float | Fraction] = field(default_factory=dict)
    variables: Mapping[str, tuple[End, End]] = field(default_factory=dict)
    given: tuple[Inequality, ...] = ()

    def __post_init__(self) -> None:
        text("says", self.says)
        function("holds", self.holds)
        for constant in mapping("constants", self.constants, Real).values():
            exact(constant)
        for name, ends in mapping("variables", self.variables, tuple).items():
            if len(ends) != 2:
                raise InputError(f"variables must have two ends, got {brief(ends)} for {name}: pass (low, high)")
            low, high = (self._end(end) for end in ends)
            if low > high:
                raise InputError(f"variables must have ends in order, got {brief(ends)} for {name}: swap them")
        if not isinstance(self.given, tuple):
            raise InputError(f"given must be a tuple of functions, got {brief(self.given)}: pass (first, ...)")
        for hypothesis in self.given:
            function("given", hypothesis)
        try:
            self.says.format(**self.constants)
        except Exception as error:  # a format string may raise many errors
            raise InputError(f"says must name constants in braces, got {brief(self.says)} ({brief(error)})") from None

    def __repr__(self) -> str:
        return f"<step {self.text}>"

    @property
    def text(self) -> str:
        """`says` with the values of its constants."""
        return self.says.format(**self.constants)

    @property
    def ranges(self) -> dict[str, tuple[Fraction, Fraction]]:
        """Ends of the variables' ranges as numbers."""
        return {name: (self._end(low), self._end(high)) for name, (low, high) in self.variables.items()}

    def with_constant(self, name: str, value: float | Fraction) -> Step:
        """The step with another value of a constant that it has."""
        exact(value)
        return replace(self, constants={**self.constants, one_of("name", name, self.constants): value})

    def _end(self, end: End) -> Fraction:
        return exact(self.constants[one_of("variables", end, self.constants)] if isinstance(end, str) else end)


@dataclass(frozen=True)
class Checked:
    """What the check of a step found.

    Attributes
    ----------
    holds : bool
        Whether the step is proved on the whole range.
    slack : tuple of float
        Enclosure of the least ``1 - smaller / larger`` over the range.
    boxes : int
        Boxes evaluated.
    failure : str
        Where it is violated, or why it is not decided; empty if it holds.
    """

    holds: bool
    slack: tuple[float, float]
    boxes: int
    failure: str = ""

    def __post_init__(self) -> None:
        flag("holds", self.holds)
        slack: object = self.slack
        if not isinstance(slack, tuple) or len(slack) != 2:
            raise InputError(f"slack must be two numbers, got {brief(slack)}: pass (low, high)")
        for end in slack:
            number("slack", end, finite=False)
        integer("boxes", self.boxes, minimum=0)
        text("failure", self.failure)


def exact(value: object) -> Fraction:
    """The number as a fraction; a float as the decimal that it prints as."""
    if isinstance(value, Fraction | int) and not isinstance(value, bool):
        return Fraction(value)
    return Fraction(repr(number("value", value)))


def require_checker() -> None:
    """Raise an `InputError` where python-flint is missing."""
    try:
        import flint  # noqa: F401
    except ImportError:
        raise InputError("ball arithmetic needs python-flint: pip install 'deep-linear-residual[proofs]'") from None


def check(step: Step, most_boxes: int = MOST_BOXES) -> Checked:
    """Prove a step on the whole range of its variables, or say where it is violated.

    Raises
    ------
    InputError
        If python-flint is not installed.
    """
    instance("step", step, Step)
    integer("most_boxes", most_boxes, maximum=1_000_000)
    require_checker()
    from flint import ctx

    with ctx.workprec(PRECISION):
        return _Search(step, most_boxes).result()


@dataclass(frozen=True, order=True)
class _Cell:
    """A box and its lower bound on the slack: first those not proved, by least slack."""

    proved: bool
    low: float
    number: int
    box: Box = field(compare=False)


class _Search:
    """Best first: the cell that may have the least slack is halved next, along the variable that gains the most."""

    def __init__(self, step: Step, most_boxes: int) -> None:
        self.step = step
        self.whole: Box = tuple(step.ranges.values())
        values = {name: exact(value) for name, value in step.constants.items()}
        self.constants = SimpleNamespace(**{name: _ball(value, value) for name, value in values.items()})
        self.most_boxes = most_boxes
        self.boxes = 0
        self.least_seen = math.inf

    def result(self) -> Checked:
        """Search until the step is proved and its slack resolved, or fails."""
        queue = self._cells(self.whole)
        while queue:
            cell = queue[0]
            if self._look_at_middle(cell.box):
                return self._failed(-math.inf, f"violated at {self._readable(_middle(cell.box))}")
            if cell.proved and self.least_seen - cell.low <= RESOLUTION * self.least_seen:
                break
            splits = [] if self.boxes >= self.most_boxes else list(self._splits(cell.box))
            if not splits:
                if cell.proved:
                    break
                return self._failed(cell.low, f"inconclusive after {self.boxes} boxes, at {self._readable(cell.box)}")
            heapq.heappop(queue)
            for half in max(splits)[-1]:
                heapq.heappush(queue, half)
        if not queue:
            return self._failed(-math.inf, "no point of the ranges satisfies the hypotheses")
        return Checked(True, (queue[0].low, self.least_seen), self.boxes)

    def _failed(self, low: float, failure: str) -> Checked:
        return Checked(False, (low, self.least_seen), self.boxes, failure)

    def _splits(self, box: Box) -> Iterator[tuple[bool, float, Fraction, int, list[_Cell]]]:
        """The two halves along every variable, with the least slack that is left: the largest split is the best."""
        for index, ((low, high), (least, most)) in enumerate(zip(box, self.whole, strict=True)):
            if low < high:
                middle = (low + high) / 2
                ends = (low, middle), (middle, high)
                halves = [cell for half in ends for cell in self._cells((*box[:index], half, *box[index + 1 :]))]
                worst = min(halves, default=_Cell(True, math.inf, 0, box))
                yield worst.proved, worst.low, (high - low) / (most - least), index, halves

    def _cells(self, box: Box) -> list[_Cell]:
        """The box with its bound, or nothing where a hypothesis fails all over it."""
        self.boxes += 1
        values = self._values(box)
        if any(smaller > larger for smaller, larger in self._hypotheses(values)):
            return []
        slack = self._slack(values)
        if slack is None or not slack.is_finite():
            return [_Cell(False, -math.inf, self.boxes, box)]
        return [_Cell(bool(slack >= 0), _rounded(slack.lower(), -math.inf), self.boxes, box)]

    def _look_at_middle(self, box: Box) -> bool:
        """Whether the step is violated in the middle of the box; if not, its slack there counts as seen."""
        values = self._values(_middle(box))
        if not all(smaller <= larger for smaller, larger in self._hypotheses(values)):
            return False
        smaller, larger = self.step.holds(self.constants, **values)
        slack = self._slack(values)
        if slack is not None and slack.is_finite():
            self.least_seen = min(self.least_seen, _rounded(slack.upper(), math.inf))
        return bool(smaller > larger)

    def _hypotheses(self, values: Mapping[str, Number]) -> Iterator[tuple[Number, Number]]:
        return (hypothesis(self.constants, **values) for hypothesis in self.step.given)

    def _slack(self, values: Mapping[str, Number]) -> Number | None:
        """``1 - smaller / larger``; None where the larger side may be 0 or less."""
        from flint import arb

        smaller, larger = (arb(side) for side in self.step.holds(self.constants, **values))
        return 1 - smaller / larger if larger > 0 else None

    def _values(self, box: Box) -> dict[str, Number]:
        return {name: _ball(*ends) for name, ends in zip(self.step.variables, box, strict=True)}

    def _readable(self, box: Box) -> str:
        parts = (
            f"{name} = {float(low):.9g}" if low == high else f"{float(low):.9g} <= {name} <= {float(high):.9g}"
            for name, (low, high) in zip(self.step.variables, box, strict=True)
        )
        return ", ".join(parts) or "its constants"


def _ball(low: Fraction, high: Fraction) -> Number:
    """The ball around an interval."""
    from flint import arb, fmpq

    ends = [arb(fmpq(end.numerator, end.denominator)) for end in (low, high)]
    return ends[0].union(ends[1])


def _middle(box: Box) -> Box:
    return tuple(((low + high) / 2,) * 2 for low, high in box)


def _rounded(end: Number, toward: float) -> float:
    """The next float in a direction: no bound is better than proved; 0 stays 0."""
    return math.nextafter(float(end), toward) if end != 0 else 0.0
