"""Synapses given as a matrix of weights."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.checks import array, must_be
from distsnn.errors import NetworkError
from distsnn.network.rules.ends import Ends
from distsnn.network.rules.explicit import ExplicitList


class Matrix(ExplicitList):
    """A synapse from neuron i to neuron j with the weight of row i, column j, unless it is 0.

    weights: [source neurons, target neurons], dense or a scipy.sparse matrix or array; its entries are
    the weights in the receptor's unit. delays_ms: None where the projection says them, or a dense array
    of the same shape, of which the entries of synapses count. An entry that a sparse matrix has twice
    counts as the sum.
    """

    shape: tuple[int, int]

    def __init__(self, weights: Any, delays_ms: Any = None) -> None:
        subject = type(self).__name__
        pre, post, values, shape = _entries(f"{subject}.weights", weights)
        object.__setattr__(self, "shape", shape)
        # Delays of entries that are no synapses do not count.
        chosen = None
        if delays_ms is not None:
            delays = array(f"{subject}.delays_ms", delays_ms, "f", n_dims=2)
            if delays.shape != shape:
                limit = f"of shape {shape}, as weights are"
                got, remedy = delays.shape, "Give one delay per entry."
                raise NetworkError(must_be(f"{subject}.delays_ms", limit, got, remedy))
            chosen = delays[pre, post]
        super().__init__(pre, post, values, chosen)

    def __repr__(self) -> str:
        n, m = self.shape
        return f"{type(self).__name__} of {n} x {m} with {self.post.size} synapses"

    def check(self, ends: Ends) -> None:
        """Raise NetworkError unless the matrix has a row per source and a column per target."""
        shape = ends.n_source, ends.n_target
        if self.shape != shape:
            subject = f"{ends.name}: {type(self).__name__}"
            remedy = "Give a row per source and a column per target."
            if self.shape == shape[::-1]:
                remedy = "Transpose it: rows are sources."
            raise NetworkError(must_be(subject, f"of shape {shape}", self.shape, remedy))


def _entries(
    subject: str, weights: Any
) -> tuple[np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """Return row, column and value of all entries but zeros, and the shape."""
    if type(weights).__module__.startswith("scipy.sparse"):
        entries = weights.tocsr().tocoo()  # sums entries that are stored twice
        values = array(subject, entries.data, "f")
        pre, post, shape = entries.row, entries.col, entries.shape
        kept = values != 0.0
        return pre[kept], post[kept], values[kept], (int(shape[0]), int(shape[1]))
    # A zero is no synapse; a weight of 0 that is to learn needs an ExplicitList.
    dense = array(subject, weights, "f", n_dims=2)
    pre, post = np.nonzero(dense)
    return pre, post, dense[pre, post], dense.shape
