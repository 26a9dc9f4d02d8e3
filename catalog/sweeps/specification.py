"""What a sweep runs: every combination of the values of its axes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from catalog import registry
from catalog.algorithm_choice import chosen
from catalog.parameters import LARGEST
from catalog.sweeps.axes import MOST_VALUES, combinations, size_of, values_of
from catalog.sweeps.blocks import OPTIONS, Block, Cell, Setting
from catalog.sweeps.sources import Source, source_named
from catalog.sweeps.step_rules import step_rule
from dlr.arguments import InputError, brief, integer, number, one_of, settle, text
from dlr.engines import ENGINES
from dlr.solver import DEFAULT_MAX_STEPS

__all__ = ["Spec"]

BLOCK = 256
"""Most cells of a block, which is looked up in the store at once."""

MOST_CELLS = 10**15
"""Most cells of a spec."""


@dataclass(frozen=True)
class Spec:
    """The axes of a sweep; a cell is a run for one combination of their values.

    An axis is one value, a list, or a range such as ``{"from": 0.1, "to": 3.0, "count": 30, "scale": "log"}``; a range
    of two integers takes all between them. In Python an axis may be any iterable, and a target a matrix.

    Attributes
    ----------
    target : axis of str or array
        Families, members such as ``rotation(angle=1)``, and matrix files.
    depth : axis of int
        Numbers of layers L >= 1.
    parameters : mapping of str to axis
        Parameters of the families, each of which must have them all; the others keep their defaults.
    algorithm : axis of str
        Names, with options as in ``penalized(strength=0.1)``, or ``package.module:object``.
    options : mapping of str to axis
        ``radius``, ``strength`` or ``margin``, which every algorithm then takes.
    step_size : axis of float or str
        Numbers, or multiples such as ``"0.5 default"`` of ``default``, ``proved`` or ``cap``
        (`catalog.sweeps.step_rules`); a range with ``"of": "cap"`` is of such multiples.
    tol : axis of float
        Excess losses to reach, >= 0.
    max_steps : axis of int
    engine : axis of str
        As in `dlr.solve`.
    seeds : int or axis of int, optional
        How many members each random family draws, or numbers for them; of each a seed is made. Without it, a family
        has the seed that ``parameters`` or the target says.
    title : str
        What the sweep asks, for readers; not part of any cell.

    Raises
    ------
    InputError
        For the first key whose value can't be used, in one line naming it, its value and the fix.

    Examples
    --------
    >>> import catalog
    >>> len(catalog.Spec("rotation", depth=[2, 4], parameters={"angle": {"from": 0.1, "to": 3.1, "count": 30}}))
    60
    """

    target: Any
    depth: Any
    parameters: Any = field(default_factory=dict)
    algorithm: Any = "gradient-descent"
    options: Any = field(default_factory=dict)
    step_size: Any = "default"
    tol: Any = 1e-9
    max_steps: Any = DEFAULT_MAX_STEPS
    engine: Any = "auto"
    seeds: Any = None
    title: str = ""

    def __post_init__(self) -> None:
        text("title", self.title)
        settle(
            self,
            depth=values_of("depth", self.depth, lambda name, value: integer(name, value, maximum=LARGEST)),
            algorithm=values_of("algorithm", self.algorithm, _algorithm_name),
            step_size=values_of("step_size", self.step_size, step_rule),
            tol=values_of("tol", self.tol, lambda name, value: number(name, value, minimum=0)),
            max_steps=values_of("max_steps", self.max_steps, _step_limit),
            engine=values_of("engine", self.engine, lambda name, value: one_of(name, value, ["auto", *ENGINES])),
            seeds=_seeds(self.seeds),
            options=_table("options", self.options),
            parameters=_table("parameters", self.parameters),
        )
        settle(self, options={name: _option_values(name, given) for name, given in self.options.items()})
        _check_algorithms(self)
        sources = _sources(self.target)
        ordered = sorted(self.parameters.items())  # as in keys
        settle(self, parameters={name: _values(name, given, sources) for name, given in ordered})
        settle(self, target=tuple(_settled(source, self) for source in sources))
        if (count := size_of(self._outer) * size_of(self._inner)) > MOST_CELLS:
            raise InputError(f"axes must make at most {MOST_CELLS:,} cells, got {count:,}: drop values")

    def __len__(self) -> int:
        return size_of(self._outer) * size_of(self._inner)

    def cells(self) -> Iterator[Cell]:
        """Every cell: the target varies slowest, then the engine; last parameters by name, seeds, and the step size."""
        for place in range(self.block_count):
            yield from self.block(place).cells()

    @property
    def block_count(self) -> int:
        """Number of blocks."""
        return size_of(self._outer) * self._parts

    def block(self, place: int) -> Block:
        """Cells that share a setting, at most `BLOCK` of them; its place is below `block_count`."""
        place = integer("place", place, minimum=0, maximum=self.block_count - 1)
        outer, part = divmod(place, self._parts)
        source, engine, written, *values, max_steps, tol, depth = next(combinations(self._outer, [outer]))
        algorithm, options = _named_algorithm(written)
        options |= zip(self.options, values, strict=True)
        setting = Setting(source, depth, algorithm, options, tol, max_steps, engine)
        start = part * BLOCK
        places = range(start, min(start + BLOCK, size_of(self._inner)))
        return Block(setting, tuple(self.parameters), list(combinations(self._inner, places)))

    @property
    def _parts(self) -> int:
        """Blocks of a setting."""
        return -(-size_of(self._inner) // BLOCK)

    @cached_property
    def _outer(self) -> tuple[Sequence[Any], ...]:
        """Axes of settings."""
        options = self.options.values()
        return (self.target, self.engine, self.algorithm, *options, self.max_steps, self.tol, self.depth)

    @cached_property
    def _inner(self) -> tuple[Sequence[Any], ...]:
        """Axes of what varies within a setting."""
        return (*self.parameters.values(), (None,) if self.seeds is None else self.seeds, self.step_size)


def _step_limit(name: str, value: object) -> int:
    return integer(name, value, minimum=0, maximum=LARGEST)


def _seeds(given: object) -> Sequence[int] | None:
    """Numbers for members; an integer is how many."""
    if given is None:
        return None
    if isinstance(given, int) and not isinstance(given, bool):
        return range(integer("seeds", given, maximum=MOST_VALUES))
    return values_of("seeds", given, lambda name, value: integer(name, value, minimum=0, maximum=LARGEST))


def _table(name: str, given: object) -> Mapping[str, Any]:
    """A mapping from names to axes."""
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise InputError(f"{name} must map names to values, got {brief(given)}: write [{name}] and one line for each")
    return dict(given)


def _algorithm_name(name: str, value: object) -> str:
    written = text(name, value)
    if ":" not in written:
        one_of(name, _named_algorithm(written)[0], registry.all_algorithms())
    return written


def _named_algorithm(written: str) -> tuple[str, dict[str, float]]:
    """Name and options of ``penalized(strength=0.1)``."""
    if ":" in written:
        return written, {}
    name, options = registry.parsed(written)
    return name, {option: float(value) for option, value in options.items()}


def _option_values(name: str, given: object) -> Sequence[float]:
    one_of("key of options", name, OPTIONS)
    return values_of(f"options.{name}", given, number)


def _check_algorithms(spec: Spec) -> None:
    """Make each algorithm once with each option's values."""
    for written in spec.algorithm:
        algorithm, own = _named_algorithm(written)
        for name in own:
            if one_of(f"option of {algorithm}", name, OPTIONS) in spec.options:
                raise InputError(f"options.{name} must not be in algorithm {written} as well: drop one of them")
        first = {**own, **{name: next(iter(values)) for name, values in spec.options.items()}}
        chosen(algorithm, **first)
        for name, values in spec.options.items():
            for value in values:
                chosen(algorithm, **{**first, name: value})


def _sources(given: object) -> Sequence[Source]:
    """The targets of a spec, with every parameter of their families that they write."""
    return values_of("target", [given] if isinstance(given, np.ndarray) else given, source_named)


def _values(name: str, given: object, sources: Sequence[Source]) -> Sequence[float]:
    """The values of a parameter of every family."""
    known = None
    for source in sources:
        if not source.family:
            raise InputError(f"parameters.{name} must be left out for target {source.label}: a matrix has none")
        if name in source.parameters:
            raise InputError(f"parameters.{name} must not be in target {source.label} as well: drop one of them")
        parameters = registry.all_families()[source.family].parameters
        parameter = parameters[one_of(f"parameter of {source.family}", name, parameters)]
        if known is not None and known.integral != parameter.integral:
            raise InputError(f"parameters.{name} must be of one kind, got integers and numbers: use a spec for each")
        values = values_of(f"parameters.{name}", given, parameter.checked)
        known = parameter
    return values


def _settled(source: Source, spec: Spec) -> Source:
    """A source with all parameters of its family that are no axes."""
    family = registry.all_families().get(source.family)
    if spec.seeds is not None:
        wanted = f"seeds must be left out for target {source.label}, got {brief(spec.seeds)}"
        if family is None or "seed" not in family.parameters:
            raise InputError(f"{wanted}: nothing of it is drawn")
        if "seed" in source.parameters or "seed" in spec.parameters:
            raise InputError(f"{wanted}: its seed is given already")
    if family is None:
        return source
    own = {name: parameter.default for name, parameter in family.parameters.items()} | dict(source.parameters)
    axes = {*spec.parameters, *(() if spec.seeds is None else ("seed",))}
    fixed = {name: value for name, value in own.items() if name not in axes}
    return Source(source.label, family.name, family.revision, fixed)
