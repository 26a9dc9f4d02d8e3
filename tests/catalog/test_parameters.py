"""Parameters of families take what is in their range, as their kind."""

import numpy as np
import pytest

from catalog.parameters import Parameter, count, real, seed
from dlr import InputError


@pytest.mark.parametrize(
    ("parameter", "kind"), [(Parameter(2, 1, 3, integral=True), int), (Parameter(2.0, 1.0, 3.0, integral=False), float)]
)
def test_parameters_come_back_as_their_kind(parameter: Parameter, kind: type) -> None:
    assert type(parameter.checked("size", np.int64(2))) is kind
    numbers = np.array([2, 1, 3], dtype=kind)
    assert repr(Parameter(*numbers, integral=kind is int)) == repr(parameter)


@pytest.mark.parametrize("integral", [True, False])
def test_the_ends_of_a_range_are_in_order(integral: bool) -> None:
    with pytest.raises(InputError, match=r"maximum must be .* got 1"):
        Parameter(2, 2, 1, integral=integral)
    with pytest.raises(InputError, match=r"default must be .* got 3"):
        Parameter(3, 1, 2, integral=integral)


def test_integers_are_those_of_64_bits() -> None:
    largest = 2**63 - 1
    assert Parameter(0, -largest, largest, integral=True).checked("size", largest) == largest
    with pytest.raises(InputError, match="minimum must be"):
        Parameter(0, -largest - 1, 1, integral=True)
    with pytest.raises(InputError, match="minimum must be"):
        Parameter(0, largest + 1, largest + 1, integral=True)
    with pytest.raises(InputError, match="maximum must be"):
        Parameter(0, 0, largest + 1, integral=True)


@pytest.mark.parametrize(
    ("parameter", "numbers", "beyond"),
    [(seed(), [0, 0, 2**32 - 1], 1), (count(4, 2, 12), [4, 2, 12], 1), (real(0.5, -1.0, 3.0), [0.5, -1.0, 3.0], 1e-9)],
)
def test_both_ends_of_a_range_are_in_it(parameter: Parameter, numbers: list[float], beyond: float) -> None:
    _, least, most = numbers
    assert repr([parameter.default, *(parameter.checked("size", end) for end in (least, most))]) == repr(numbers)
    for value in (least - beyond, most + beyond):
        with pytest.raises(InputError, match="size must be"):
            parameter.checked("size", value)
