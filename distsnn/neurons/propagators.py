"""Exact propagators of linear equations over one step, in float64 on the host.

dx/dt = A x  has the solution  x(t + h) = exp(A h) x(t) = x(t) + (exp(A h) - 1) x(t).

Kernels use the second form: what is added in a step is small, and exp(A h) - 1 keeps its digits in
float32 where exp(A h), close to 1, would lose them.

Source: Rotter & Diesmann 1999, Biol Cybern 81:381 (exact integration of linear neurons).
"""

from __future__ import annotations

import numpy as np

N_TERMS = 20


def matrix_expm1(matrix: np.ndarray, step: float) -> np.ndarray:
    """Return exp(matrix step) - 1, float64 [n, n], by Taylor series and doubling.

    matrix: float64 [n, n], in 1/time. Doubling: exp(2x) - 1 = e e + 2 e, where e = exp(x) - 1.
    """
    scaled = np.asarray(matrix, dtype=np.float64) * step
    size = float(np.abs(scaled).sum(axis=1).max(initial=0.0))
    n_doublings = max(0, int(np.ceil(np.log2(size * 4.0)))) if size > 0 else 0
    scaled = scaled / 2.0**n_doublings
    term = np.eye(scaled.shape[0])
    result = np.zeros_like(scaled)
    for order in range(1, N_TERMS):
        term = term @ scaled / order
        result = result + term
    for _ in range(n_doublings):
        result = result @ result + 2.0 * result
    return result
