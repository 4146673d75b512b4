"""Connectors that choose pairs by rule or at random.

They draw the same numbers in the same order as PyNN's own, so the synapses are those of every other
backend; only ``FixedTotalNumberConnector`` draws its pairs in an order of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from itertools import pairwise
from typing import Any

import numpy as np
from pyNN import connectors, errors
from pyNN.random import NumpyRNG

from distsnn.pynn.projections import Projection
from distsnn.pynn.wiring.at_once import AtOnce, are_different

BLOCK = 1 << 17  # pairs that are drawn at a time: 1 MB, which the cache holds


class AllToAllConnector(AtOnce, connectors.AllToAllConnector):  # type: ignore[misc]
    __doc__ = connectors.AllToAllConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect all pairs at once."""
        values = self.values(projection)
        if values is None:
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        if self.allow_self_connections:
            pre, post = np.tile(np.arange(n_pre), n_post), np.repeat(np.arange(n_post), n_pre)
        else:
            post, pre = np.nonzero(are_different(projection))
        values.hand_over(pre, post)


class OneToOneConnector(AtOnce, connectors.OneToOneConnector):  # type: ignore[misc]
    __doc__ = connectors.OneToOneConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect the diagonal at once."""
        values = self.values(projection)
        if values is None:
            super().connect(projection)
            return
        # Unequal sizes: as many pairs as there are.
        both = np.arange(min(projection.shape))
        values.hand_over(both, both)


class ByProbability(AtOnce):
    """A connector that draws a number for each pair."""

    def probabilities(self, projection: Projection) -> Callable[[slice], Any]:
        """Return a function of a slice of targets: one probability, or those [targets, sources]."""
        raise NotImplementedError

    def connect(self, projection: Projection) -> None:
        """Draw for many targets at a time, in the order in which PyNN draws for one by one."""
        values = self.values(projection)
        is_plain = isinstance(self.rng, NumpyRNG) and isinstance(self.allow_self_connections, bool)
        if values is None or not is_plain:
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        probabilities = self.probabilities(projection)
        different = None if self.allow_self_connections else are_different(projection)
        at_once = max(1, BLOCK // n_pre)
        # PyNN draws from a copy: what else uses the generator begins where this does.
        rng = deepcopy(self.rng)
        parts = []
        for first in range(0, n_post, at_once):
            targets = slice(first, min(first + at_once, n_post))
            # Row by row of targets: the order of PyNN's own draws.
            drawn = np.asarray(rng.next((targets.stop - first) * n_pre)).reshape(-1, n_pre)
            is_connected = drawn < probabilities(targets)
            if different is not None:
                is_connected &= different[targets]
            post, pre = np.nonzero(is_connected)
            parts.append((pre, post + first))
        values.hand_over(*(np.concatenate(part) for part in zip(*parts, strict=True)))


class FixedProbabilityConnector(ByProbability, connectors.FixedProbabilityConnector):  # type: ignore[misc]
    __doc__ = connectors.FixedProbabilityConnector.__doc__

    def probabilities(self, projection: Projection) -> Callable[[slice], Any]:
        """Return the one probability, whatever the targets."""
        return lambda targets: self.p_connect


class DistanceDependentProbabilityConnector(  # type: ignore[misc]
    ByProbability, connectors.DistanceDependentProbabilityConnector
):
    __doc__ = connectors.DistanceDependentProbabilityConnector.__doc__

    def probabilities(self, projection: Projection) -> Callable[[slice], Any]:
        """Return the expression of the distance."""
        table = self.distance_function(self._generate_distance_map(projection))
        return lambda targets: np.transpose(table[:, targets])


class FixedNumberPreConnector(AtOnce, connectors.FixedNumberPreConnector):  # type: ignore[misc]
    __doc__ = connectors.FixedNumberPreConnector.__doc__


class FixedNumberPostConnector(AtOnce, connectors.FixedNumberPostConnector):  # type: ignore[misc]
    __doc__ = connectors.FixedNumberPostConnector.__doc__


class FixedTotalNumberConnector(AtOnce, connectors.FixedTotalNumberConnector):  # type: ignore[misc]
    __doc__ = connectors.FixedTotalNumberConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Draw all pairs together, and again in place of those that are not allowed."""
        n = self.n if isinstance(self.n, int) else int(self.n.next())
        n_pre, n_post = projection.shape
        self._require_room(projection, n)
        pairs = np.empty(0, np.int64)
        while pairs.size < n:
            source, target = (
                self.rng.next(n - pairs.size, "uniform_int", {"low": 0, "high": size})
                for size in (n_pre, n_post)
            )
            pairs = self._allowed(projection, np.concatenate([pairs, target * n_pre + source]))
        # target by target, as other connectors have it
        pairs = np.sort(pairs)
        ends = np.searchsorted(pairs, np.arange(n_post + 1) * n_pre)
        columns = [pairs[first:end] % n_pre for first, end in pairwise(ends)]
        self._standard_connect(projection, lambda *_: columns)

    def _are_same(self, projection: Projection, pairs: np.ndarray) -> np.ndarray:
        """Return which pairs are a cell and itself."""
        pre, post = (
            np.array(cells.all_cells, np.int64) for cells in (projection.pre, projection.post)
        )
        return np.asarray(pre[pairs % pre.size] == post[pairs // pre.size])

    def _allowed(self, projection: Projection, pairs: np.ndarray) -> np.ndarray:
        """Return the pairs that may stay, in the order in which they were drawn."""
        if not self.allow_self_connections:
            pairs = pairs[~self._are_same(projection, pairs)]
        if not self.with_replacement:
            pairs = pairs[np.sort(np.unique(pairs, return_index=True)[1])]
        return pairs

    def _require_room(self, projection: Projection, n: int) -> None:
        """Raise ConnectionError where there are not as many pairs as synapses."""
        n_pairs = projection.shape[0] * projection.shape[1]
        if not self.allow_self_connections:
            n_pairs = int(are_different(projection).sum())
        if (n > n_pairs and not self.with_replacement) or (n and not n_pairs):
            raise errors.ConnectionError(
                f"FixedTotalNumberConnector: n must be at most {n_pairs}, the number of pairs, "
                f"got {n}. Allow more, or connect with_replacement."
            )
