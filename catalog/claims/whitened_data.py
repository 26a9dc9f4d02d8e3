r"""On exactly whitened data the sample loss is the population loss: the setting of all the theorems.

Statement
---------
Data X (d x n) with ``X X^T = n I`` and labels ``Y = Phi X + N`` with ``N X^T = 0`` have mean loss

    ``|W X - Y|_F^2 / (2 n) = 1/2 |W - Phi|_F^2 + |N|_F^2 / (2 n)``

for every end-to-end product W, hence the same layer gradients as the excess loss.

Proof
-----
``W X - Y = E X - N``, so ``|W X - Y|_F^2 = tr(E X X^T E^T) - 2 tr(E X N^T) + |N|_F^2 = n |E|_F^2 + |N|_F^2``, whose
last term does not depend on the layers.

Rounding, in `dlr.rounding.matrix_rounding`: a gradient is 2 L operations from the product and 2 L from the samples,
there with the inner dimension n in place of d; whitening and correlation are off by at most 4; 4 to spare.

Link: https://arxiv.org/abs/1802.06093, section 2.
"""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from catalog import strategies
from catalog.claim import Claim, Condition, Control, Evidence, Kind
from catalog.claims._points import UNIT_STEP, given, norm, points, reach, reached, second_matrix, with_second_matrix
from catalog.sources import bhl
from dlr import Problem, matrices, network
from dlr.rounding import matrix_rounding
from dlr.types import Matrix


def inputs_and_noise(problem: Problem) -> tuple[Matrix, Matrix]:
    """X above N in the second matrix, both d x n."""
    d = len(problem.target)
    return second_matrix(problem)[:d], second_matrix(problem)[d:]


def is_whitened(problem: Problem) -> bool:
    """``|X X^T / n - I|_F`` within 4 operations on n columns."""
    X, _ = inputs_and_noise(problem)
    n = X.shape[1]
    return matrices.distance_to_identity(X @ X.T / n) <= matrix_rounding(n, 4)


def is_uncorrelated(problem: Problem) -> bool:
    """``|N X^T| / n`` within 4 operations on n columns, relative to ``|N| |X| / n``."""
    X, N = inputs_and_noise(problem)
    return norm(N @ X.T) <= matrix_rounding(X.shape[1], 4) * norm(N) * norm(X)


whitened = Condition("X X^T = n I", is_whitened)
uncorrelated = Condition("N X^T = 0", is_uncorrelated)


def hadamard(dimension: int) -> Matrix:
    """Signs with orthogonal rows: order the least power of two that is at least twice the dimension."""
    signs = np.ones((1, 1))
    while len(signs) < 2 * dimension:
        signs = np.kron(signs, np.array([[1.0, 1.0], [1.0, -1.0]]))
    return signs


def with_data(problem: Problem, mixing: Matrix, noise: Matrix) -> Problem:
    """Inputs ``mixing`` times the first d rows of a Hadamard matrix, noise ``noise`` times the next d."""
    d = len(problem.target)
    signs = hadamard(d)
    return with_second_matrix(problem, np.vstack([mixing @ signs[:d], noise @ signs[d : 2 * d]]))


@st.composite
def samples(draw: st.DrawFn) -> Problem:
    """Exactly whitened inputs, noise that they don't explain."""
    problem = draw(points())
    d = len(problem.target)
    Q = draw(strategies.orthogonal(min_dimension=d, max_dimension=d))
    return with_data(problem, Q, draw(strategies.general(min_dimension=d, max_dimension=d)))


def sample_problems(target: Matrix, depth: int) -> Iterator[Problem]:
    """On a named target: whitened data, layers that step-and-project reaches."""
    yield with_data(
        Problem(target, depth, UNIT_STEP, initial_layers=reached(target, depth, 10)), np.eye(len(target)), target
    )


def stretched_inputs() -> st.SearchStrategy[Problem]:
    """Inputs of variance 4 in the first coordinate."""
    return st.builds(
        lambda problem: with_data(problem, np.diag([2.0] + [1.0] * (len(problem.target) - 1)), problem.target), points()
    )


def correlated_noise() -> st.SearchStrategy[Problem]:
    """Noise equal to the inputs: the least-squares matrix is Phi + I then."""
    return samples().map(lambda problem: with_second_matrix(problem, np.vstack([inputs_and_noise(problem)[0]] * 2)))


def backpropagate(layers: Matrix, X: Matrix, Y: Matrix) -> tuple[float, Matrix]:
    """Mean loss over the columns and its layer gradients, sample by sample, without the end-to-end product."""
    activations = [X]
    for layer in layers:
        activations.append(layer @ activations[-1])
    signal = (activations[-1] - Y) / X.shape[1]
    loss = float(np.sum((activations[-1] - Y) ** 2)) / (2 * X.shape[1])
    gradients = np.empty_like(layers)
    for i in reversed(range(len(layers))):
        gradients[i] = signal @ activations[i].T
        signal = layers[i].T @ signal
    return loss, gradients


@Claim.define(
    "I1",
    source=bhl("section 2"),
    kind=Kind.IDENTITY,
    hypotheses=(whitened, uncorrelated),
    quantity="deviation over its rounding allowance",
    symbols=(
        ("X", "the inputs, a ``d x n`` matrix"),
        ("n", "number of data points"),
        ("N", "what the labels ``Phi X + N`` have beyond the target's"),
    ),
    problems=sample_problems,
    draws=samples,
    controls=(
        Control("stretched inputs", drops=whitened, draws=stretched_inputs),
        Control("correlated noise", drops=uncorrelated, draws=correlated_noise),
    ),
)
def sample_equals_population(problem: Problem) -> Evidence:
    """On exactly whitened data the sample loss is the population loss plus a constant, gradients included.

    Observed is the larger deviation, of loss or gradients, in units of its rounding allowance.
    """
    layers, (X, N) = given(problem), inputs_and_noise(problem)
    d, n = X.shape
    sampled_loss, sampled = backpropagate(layers, X, problem.target @ X + N)
    loss, gradients = network.loss_and_gradients(layers, problem.target)
    scale = reach(layers) + norm(problem.target) + norm(N) / np.sqrt(n)
    rounding = matrix_rounding(n, 4 * (problem.depth + 2))
    loss_part = abs(sampled_loss - float(np.sum(N**2)) / (2 * n) - float(loss)) / (rounding * d * scale**2)
    gradient_part = np.max(np.linalg.norm(sampled - gradients, axis=(-2, -1))) / (rounding * reach(layers) * scale)
    return Evidence(float(max(loss_part, gradient_part)), 1.0)
