"""A family of rules that the package does not know: nothing in it has to be changed for one.

At each presynaptic spike u <- u + rate (1 - u); postsynaptic spikes change nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from plasticity.forced import Forced

from distsnn.core.plastic.part import PlasticPart
from distsnn.core.plastic.walker import RowWalker
from distsnn.core.plastic.weights import initial_weights
from distsnn.errors import NetworkError
from distsnn.kernels import device
from distsnn.kernels.plastic.calendar import deliver_kernel
from distsnn.kernels.plastic.rows import (
    CORE_BITS,
    N_ROW_PARAMETERS,
    RING_PARAMETERS,
    SCALE,
    end_of,
    first_synapse,
    quanta_of,
    ring_offset,
    ring_start,
)
from distsnn.network import AllToAll, Network, Uniform
from distsnn.neurons import LifDelta
from distsnn.plasticity.rule import LearningRule
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson

ARRAYS = {
    "weights": "f4[:]",
    "parameters": "i8[:]",
    "scale": "f4[:]",
    "ring": "i4[:]",
    "rate": "f4[:]",
}


@dataclass(frozen=True)
class Used(LearningRule):
    w_max: float
    rate: float = 0.1
    w_min: float = 0.0


@device
def segment(t, position, words, weights, parameters, scale, ring, rate):
    bits, onto = np.uint64(parameters[CORE_BITS]), ring_start(t, parameters, ring)
    for i in range(first_synapse(position), end_of(position, words)):
        weights[i] += rate[0] * (np.float32(1.0) - weights[i])
        ring[onto + ring_offset(np.uint64(words[i]), bits)] += quanta_of(weights[i], scale)


deliver = deliver_kernel(segment, ARRAYS, __name__)


class UsedSynapses(PlasticPart[Used]):
    rule_type = Used

    def __init__(self, context) -> None:
        super().__init__(context)
        parameters, scale = np.zeros(N_ROW_PARAMETERS, np.int64), np.zeros(2, np.float32)
        parameters[[*RING_PARAMETERS]] = context.ring_parameters
        scale[SCALE] = self.rule.w_max / context.quantum
        rate = np.array([self.rule.rate], np.float32)
        arrays = [self.rows.columns["weights"], parameters, scale, context.rank.ring, rate]
        kernel = self.rule.kernels()["deliver"]
        self.walker = RowWalker(kernel, self.rows, arrays, context.rank.batch)

    def initial_columns(self, start, counts):
        weights = initial_weights(self.context, start, counts) / self.rule.w_max
        return {"weights": weights.astype(np.float32)}

    def weights_at(self, positions):
        return self.rule.w_max * self.rows.columns["weights"][positions].astype(np.float64)


@dataclass(frozen=True)
class Orphan(LearningRule):
    w_max: float = 1.0
    w_min: float = 0.0
    deliver = deliver


def network_of(rule) -> Network:
    network = Network(dt_ms=0.1, seed=2)
    cells = network.population("cells", 30, LifDelta())
    network.stimulate(cells, Poisson(rate_hz=12_000.0, weight=0.1))
    delays = Uniform(0.5, 2.0)
    network.connect(cells, cells, AllToAll(), weight=0.02, delay_ms=delays, plasticity=rule)
    return network


def test_it_learns_what_its_equation_says():
    forced = Forced([np.array([11, 21, 31])], [np.array([5])], ([0], [0], [0.2], [3]), Used(1.0))
    assert forced.weights()[0] == pytest.approx(1.0 - 0.8 * 0.9**3, abs=1e-6)


def test_same_bits_on_other_cores():
    results = [
        simulate(network_of(Used(0.1)), duration_ms=40.0, **options)
        for options in (
            {},
            {"neurons_per_core": 7},
            {"neurons_per_core": 11, "placement": "random"},
        )
    ]
    assert len({result.digest for result in results}) == 1
    assert results[0].counters.learning_of_core.sum() > 100


def test_a_rule_that_no_part_takes():
    with pytest.raises(NetworkError, match=r"plasticity: must be derived from one of .*TraceRule"):
        simulate(network_of(Orphan()), duration_ms=1.0)
