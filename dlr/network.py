r"""The deep linear residual network: product, excess loss, layer gradients.

A network of depth L on R^d is an array ``layers`` of shape ``(..., L, d, d)`` with
``layers[..., 0, :, :] = Theta_1`` applied first. Leading axes are a batch. The code here is the readable
reference: it runs on any array-API namespace, and tests compare the faster engines with it. Every function raises an
`InputError` for what is not a stack of square floating matrices; entries that are not finite give results that are not
finite. Complex layers give the holomorphic extension, for derivatives by complex steps.

Inputs are isotropic and the target is the least-squares matrix, so the population quadratic loss is the
excess loss ``1/2 |Theta_L ... Theta_1 - Phi|_F^2`` plus a constant (Bartlett, Helmbold, Long 2018, section 2).
"""

import math

import numpy as np
from array_api_compat import device

from dlr import _passes
from dlr._arrays import layer_stack, like, matrix_stack, namespace
from dlr.arguments import fits, integer
from dlr.types import AnyArray

__all__ = [
    "gradients",
    "half_square",
    "identity_layers",
    "loss",
    "loss_and_gradients",
    "product",
    "zero_asymmetric_layers",
]


def identity_layers(target: AnyArray, depth: int) -> AnyArray:
    """``depth`` identity layers like ``target``: the residual network's start, all residuals zero.

    Parameters
    ----------
    target : array, shape (..., d, d)
        Gives batch shape, size, dtype and device.
    depth : int
        Number of layers L >= 1.

    Returns
    -------
    array, shape (..., L, d, d)

    Raises
    ------
    InputError
        If depth is not an integer >= 1, or the layers do not fit in memory.
    """
    target = matrix_stack("target", target)
    depth = integer("depth", depth)
    fits("depth", depth, 8 * depth * math.prod(target.shape), "lower depth or dimension")
    xp = namespace(target)
    identity = xp.eye(target.shape[-1], dtype=target.dtype, device=device(target))
    ones = xp.ones((*target.shape[:-2], depth, 1, 1), dtype=target.dtype, device=device(target))
    layers: AnyArray = ones * identity
    return layers


def zero_asymmetric_layers(target: AnyArray, depth: int) -> AnyArray:
    """Identity layers with the last one zero: the zero-asymmetric start of Wu, Wang, Ma (NeurIPS 2019).

    Same parameters and result shape as `identity_layers`.
    """
    layers = identity_layers(target, depth)
    xp = namespace(layers)
    start: AnyArray = xp.concat([layers[..., :-1, :, :], xp.zeros_like(layers[..., :1, :, :])], axis=-3)
    return start


def product(layers: AnyArray) -> AnyArray:
    """End-to-end product ``Theta_L ... Theta_1``.

    Parameters
    ----------
    layers : array, shape (..., L, d, d)

    Returns
    -------
    array, shape (..., d, d)
    """
    result: AnyArray = _passes.product(layer_stack("layers", layers))
    return result


def loss(layers: AnyArray, target: AnyArray) -> AnyArray:
    """Excess loss ``1/2 |Theta_L ... Theta_1 - Phi|_F^2``.

    Parameters
    ----------
    layers : array, shape (..., L, d, d)
    target : array, shape (..., d, d)

    Returns
    -------
    array, shape (...)
    """
    layers = layer_stack("layers", layers)
    excess: AnyArray = _passes.half_square(_passes.product(layers) - like("target", target, layers))
    return excess


def half_square(error: AnyArray) -> AnyArray:
    """``1/2 |E|_F^2`` over the last two axes: the excess loss of the error ``E = W - Phi``."""
    excess: AnyArray = _passes.half_square(matrix_stack("error", error))
    return excess


def gradients(layers: AnyArray, target: AnyArray) -> AnyArray:
    """Gradients of the excess loss in every layer, in ``3L - 3`` matrix products.

    ``dl/dTheta_i = (Theta_L ... Theta_{i+1})^T (W - Phi) (Theta_{i-1} ... Theta_1)^T``.

    Parameters
    ----------
    layers : array, shape (..., L, d, d)
    target : array, shape (..., d, d)

    Returns
    -------
    array, shape (..., L, d, d)
    """
    with np.errstate(over="ignore"):  # of the loss
        return loss_and_gradients(layers, target)[1]


def loss_and_gradients(layers: AnyArray, target: AnyArray) -> tuple[AnyArray, AnyArray]:
    """Excess loss and layer gradients from one forward and one backward pass.

    Same parameters as `gradients`; returns arrays of shape ``(...)`` and ``(..., L, d, d)``.
    """
    layers = layer_stack("layers", layers)
    return _passes.loss_and_gradients(layers, like("target", target, layers))
