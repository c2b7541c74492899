"""What a trial of the coverage bench is: draws with a known truth, at the places of a grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plumbline.stats.intervals import Intervals

Floats = NDArray[np.float64]
Chance = np.random.Generator
Trial = Callable[[Chance, int], tuple[Intervals, float | Floats]]  # of so many draws: their limits, the truth
Places = list[tuple[str, Trial]]
