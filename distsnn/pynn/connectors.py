"""Connectors of PyNN that go faster here where all synapses share their parameters.

They draw the same numbers in the same order, so the synapses are those of every other backend.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from pyNN import connectors
from pyNN.random import NumpyRNG

from distsnn.pynn.projections import Projection

BLOCK = 1 << 22  # pairs that are drawn at a time


def shared_parameters(connector: Any, projection: Projection) -> dict[str, float] | None:
    """Return the parameters that all synapses have, None where they differ or may be wrong."""
    values = {}
    for name, value in projection.synapse_type.native_parameters.items():
        base = value.base_value
        if not isinstance(base, int | float) or value.operations:
            return None
        values[name] = float(base)
    # Distances, random numbers and lists differ from synapse to synapse: PyNN's own way.
    # PyNN's own checks of weights, once for all.
    checks = projection.synapse_type.parameter_checks if connector.safe else {}
    for name, check in checks.items():
        check(values[name], projection)
    return values


class AllToAllConnector(connectors.AllToAllConnector):  # type: ignore[misc]
    __doc__ = connectors.AllToAllConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect all pairs at once."""
        shared = shared_parameters(self, projection)
        if shared is None or not self.allow_self_connections:
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        projection.take(
            np.tile(np.arange(n_pre), n_post), np.repeat(np.arange(n_post), n_pre), shared
        )


class OneToOneConnector(connectors.OneToOneConnector):  # type: ignore[misc]
    __doc__ = connectors.OneToOneConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Connect the diagonal at once."""
        shared = shared_parameters(self, projection)
        if shared is None:
            super().connect(projection)
            return
        # Unequal sizes: as many pairs as there are.
        both = np.arange(min(projection.shape))
        projection.take(both, both, shared)


class FixedProbabilityConnector(connectors.FixedProbabilityConnector):  # type: ignore[misc]
    __doc__ = connectors.FixedProbabilityConnector.__doc__

    def connect(self, projection: Projection) -> None:
        """Draw many targets at a time, in the order in which PyNN draws them one by one."""
        shared = shared_parameters(self, projection)
        is_plain = isinstance(self.rng, NumpyRNG) and self.allow_self_connections is True
        if shared is None or not is_plain:
            super().connect(projection)
            return
        n_pre, n_post = projection.shape
        at_once = max(1, BLOCK // n_pre)
        for first in range(0, n_post, at_once):
            n = min(at_once, n_post - first)
            # Row by row of targets: the order of PyNN's own draws.
            drawn = np.asarray(self.rng.next(n * n_pre)).reshape(n, n_pre)
            post, pre = np.nonzero(drawn < self.p_connect)
            projection.take(pre, post + first, shared)
