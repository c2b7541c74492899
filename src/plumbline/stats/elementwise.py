"""The standard library's functions of one number, over arrays: numpy's own differ from them in the last digit."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
ROOT2 = math.sqrt(2.0)


def each(function: Callable[..., float], *arrays: Floats) -> Floats:
    """`function` of every element, NaN where one is NaN; arrays of one shape, within the function's domain.

    >>> each(math.hypot, np.array([3.0]), np.array([4.0])).tolist()
    [5.0]
    """
    found = map(function, *(array.ravel().tolist() for array in arrays))
    return np.fromiter(found, dtype=np.float64, count=arrays[0].size).reshape(arrays[0].shape)


def floats(*values: ArrayLike) -> tuple[Floats, ...]:
    """Each as an array of at least one number.

    >>> floats(1, [2, 3])
    (array([1.]), array([2., 3.]))
    """
    return tuple(np.atleast_1d(np.asarray(value, dtype=np.float64)) for value in values)


def two_sided(z: Floats) -> Floats:
    """Two-sided normal p-values of z scores.

    >>> two_sided(np.array([1.959963984540054])).round(6).tolist()
    [0.05]
    """
    return each(math.erfc, np.abs(z) / ROOT2)
