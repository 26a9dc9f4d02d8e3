"""Algorithms of others: what they do wrong is named in one line, and nothing that they are given changes."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import pytest
from engine_runs import SHEAR

import dlr


@dataclass
class Base:
    """Gradient descent, which each of the others gets wrong."""

    step_size: float | None = 0.1
    name: ClassVar[str] = "of-others"

    def step(self, layers, gradients, step_size):
        return layers - step_size * gradients


class InPlace(Base):
    def step(self, layers, gradients, step_size):
        layers -= step_size * gradients
        return layers


class InPlaceWithoutResult(Base):
    def step(self, layers, gradients, step_size):
        gradients *= step_size


class Nothing(Base):
    def step(self, layers, gradients, step_size):
        return None


class Listing(Base):
    def step(self, layers, gradients, step_size):
        return (layers - step_size * gradients).tolist()


class OneLayer(Base):
    def step(self, layers, gradients, step_size):
        return layers[:1]


class Single(Base):
    def step(self, layers, gradients, step_size):
        return (layers - step_size * gradients).astype(np.float32)


class Imaginary(Base):
    def step(self, layers, gradients, step_size):
        return layers - 1j * step_size * gradients


class Masking(Base):
    def step(self, layers, gradients, step_size):
        return np.ma.masked_array(layers, layers > 0)


class NotANumber(Base):
    def step(self, layers, gradients, step_size):
        return layers * np.nan


class Raising(Base):
    def step(self, layers, gradients, step_size):
        raise ZeroDivisionError("a mistake\nof its own")


FAULTS = [
    (InPlace, "raised ValueError('output array is read-only'): step must return new arrays"),
    (InPlaceWithoutResult, "raised ValueError('output array is read-only'): step must return new arrays"),
    (Nothing, "must return float64 of shape (3, 2, 2), got None: see its step"),
    (Listing, "must return float64 of shape (3, 2, 2), got [[["),
    (OneLayer, "must return float64 of shape (3, 2, 2), got float64 of shape (1, 2, 2): see its step"),
    (Single, "must return float64 of shape (3, 2, 2), got float32 of shape (3, 2, 2): see its step"),
    (Imaginary, "must return float64 of shape (3, 2, 2), got complex128 of shape (3, 2, 2): see its step"),
    (Masking, "must return float64 of shape (3, 2, 2), got"),
    (NotANumber, "must return numbers, got NaN from finite layers: see its step"),
    (Raising, "raised ZeroDivisionError("),
]


@pytest.mark.parametrize(("kind", "message"), FAULTS)
def test_a_fault_is_one_line(kind, message):
    target, start = SHEAR.copy(), np.tile(np.eye(2), (3, 1, 1))
    for run in (
        lambda: dlr.solve(target, 3, kind()),
        lambda: dlr.solve(target, 3, kind(), initial_layers=start),
        lambda: dlr.solve_batch([target, target], 3, kind()),
    ):
        with pytest.raises(dlr.InputError) as caught:
            run()
        assert str(caught.value).startswith("algorithm of-others ")
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)
    np.testing.assert_array_equal(target, SHEAR)
    np.testing.assert_array_equal(start, np.tile(np.eye(2), (3, 1, 1)))


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (InPlace, "read-only'): reduced_step must return new arrays"),
        (Nothing, "must return complex128 of shape (2,), got None: see its reduced_step"),
        (NotANumber, "must return numbers, got NaN"),
        (Raising, "raised ZeroDivisionError("),
    ],
)
def test_a_fault_of_a_reduced_step_is_one_line(kind, message):
    class Reduced(kind):
        step = kind.step

        def reduced_step(self, z, gradients, step_size, depth):
            return self.step(z, gradients, step_size)

    with pytest.raises(dlr.InputError, match="of-others") as caught:
        dlr.solve(np.diag([2.0, 0.5]), 3, Reduced())
    assert message in str(caught.value)


def test_an_overflow_is_no_fault():
    class Overflowing(Base):
        def step(self, layers, gradients, step_size):
            return np.full_like(layers, np.inf) * np.sign(gradients + 1e-300)

    assert dlr.solve(SHEAR, 3, Overflowing()).outcome is dlr.Outcome.DIVERGED
    assert dlr.solve(SHEAR, 3, Base(1e300)).outcome is dlr.Outcome.DIVERGED


def test_a_result_may_be_a_buffer_or_the_argument():
    class Buffered(Base):
        kept = np.empty((3, 2, 2))

        def step(self, layers, gradients, step_size):
            self.kept[...] = layers - step_size * gradients
            return self.kept

    class Resting(Base):
        def step(self, layers, gradients, step_size):
            return layers

    plain = dlr.solve(SHEAR, 3, dlr.GradientDescent(0.1), engine="reference")
    buffered = dlr.solve(SHEAR, 3, Buffered())
    np.testing.assert_array_equal(buffered.losses, plain.losses)
    resting = dlr.solve(SHEAR, 3, Resting())
    assert resting.outcome is dlr.Outcome.STALLED
    assert resting.layers.flags.writeable
    assert not np.shares_memory(buffered.layers, Buffered.kept)


def test_arrays_of_another_library_are_copies():
    import array_api_strict as xp

    class InPlaceThere(Base):
        def step(self, layers, gradients, step_size):
            layers[...] = layers - step_size * gradients
            return layers

    start = xp.asarray(np.tile(np.eye(2), (3, 1, 1)))
    found = dlr.solve(xp.asarray(SHEAR), 3, InPlaceThere(), initial_layers=start)
    np.testing.assert_array_equal(np.asarray(found.losses), dlr.solve(xp.asarray(SHEAR), 3, Base()).losses)
    np.testing.assert_array_equal(np.asarray(start), np.tile(np.eye(2), (3, 1, 1)))


@dataclass(frozen=True)
class Fixed:
    """Its step size is a field, but none that is given."""

    scale: float = 1.0
    step_size: float | None = field(default=None, init=False)
    name: ClassVar[str] = "fixed"

    def step(self, layers, gradients, step_size):
        return layers - self.scale * step_size * gradients


def test_a_step_size_is_put_in_place_whether_or_not_the_algorithm_takes_one():
    for algorithm in (Fixed(0.5), dlr.GradientDescent(1.0)):
        made = dlr.solver.at_step_size(algorithm, 0.125)
        assert (made.name, made.step_size) == (algorithm.name, 0.125)
        assert made.step(np.ones(2), np.ones(2), 0.5).tolist() == algorithm.step(np.ones(2), np.ones(2), 0.5).tolist()
    assert isinstance(dlr.solver.at_step_size(dlr.GradientDescent(1.0), 0.125), dlr.GradientDescent)
