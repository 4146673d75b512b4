"""A liquid as an ordinary network: a population of lines, excitatory and inhibitory neurons.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from distsnn.errors import NetworkError
from distsnn.liquid.geometry import Points, place_neurons
from distsnn.liquid.limits import (
    MAX_DT_MS,
    MAX_LINES,
    MAX_NEURONS,
    MIN_DT_MS,
    AnInstance,
    Check,
    or_none,
    real,
    require_fields,
    whole,
)
from distsnn.liquid.parameters import PAIRS, Column, InputWiring
from distsnn.liquid.wiring import Image, Joined, join_lines
from distsnn.network import DistanceDependent, ExplicitList, Gamma, Network, Population, Uniform
from distsnn.neurons import LifFloor
from distsnn.plasticity import TsodyksMarkram
from distsnn.stimuli import SpikeSource
from distsnn.time_grid import rounded_ms

INPUT = "input"
TYPES = {"E": "exc", "I": "inh"}
LIMITS: dict[str, Check] = {
    "column": AnInstance(Column),
    "wiring": AnInstance(InputWiring),
    "n_lines": whole(1, MAX_LINES),
    "image": or_none(AnInstance(Image)),
    "seed": whole(0, 2**64 - 1),
    "dt_ms": real(MIN_DT_MS, MAX_DT_MS),
    "neurons_per_core": whole(1, MAX_NEURONS),
}


@dataclass(frozen=True)
class Liquid:
    """A column, its input lines and the seed of its wiring.

    neurons_per_core: how many may share a core; larger liquids are cut into slabs of the grid.
    """

    column: Column
    wiring: InputWiring
    n_lines: int
    image: Image | None = None
    seed: int = 1
    dt_ms: float = 1.0
    neurons_per_core: int = 1024

    def __post_init__(self) -> None:
        require_fields("liquid", self, LIMITS, NetworkError)

    @cached_property
    def points(self) -> Points:
        """Where the neurons sit."""
        return place_neurons(self.column.grid, self.column.inhibitory_share, self.seed)

    @property
    def n_neurons(self) -> int:
        """Neurons without the input lines."""
        return self.points.n

    def network(self, learning: Mapping[str, Any] | None = None) -> Network:
        """Return the network; population ``input`` plays nothing yet.

        learning: rules of plasticity for the recurrent synapses of some pairs, as {"EE":
        PairStdp(w_max=400.0)}, in place of those of the column.
        """
        net = Network(dt_ms=self.dt_ms, seed=self.seed, name="liquid")
        exc = self._add(net, "E", self.points.excitatory.shape[0])
        populations = {"E": exc}
        if self.points.inhibitory.shape[0]:
            populations["I"] = self._add(net, "I", self.points.inhibitory.shape[0])
        silent = SpikeSource([], [], n_sources=self.n_lines)
        lines = net.population(INPUT, self.n_lines, silent)
        self._connect_input(net, lines, populations)
        if self.column.recurrence > 0:
            self._connect_recurrent(net, populations, learning or {})
        return net

    def _add(self, net: Network, kind: str, size: int) -> Population:
        c = self.column
        t_ref_ms = c.t_ref_e_ms if kind == "E" else c.t_ref_i_ms
        model = LifFloor(
            tau_m_ms=c.tau_m_ms,
            v_threshold_mv=c.v_threshold_mv,
            v_reset_mv=c.v_reset_mv,
            v_floor_mv=c.v_floor_mv,
            t_ref_ms=t_ref_ms,
            tau_syn_e_ms=c.tau_syn_e_ms,
            tau_syn_i_ms=c.tau_syn_i_ms,
            i_offset_na=c.background_na,
        )
        start = {"v": Uniform(min(0.0, c.v_reset_mv), c.v_threshold_mv)}
        return net.population(TYPES[kind], size, model, initial=start, patches=self._n_patches())

    def _n_patches(self) -> int:
        """Return into how many equal slabs both types are cut, 1 where they cannot be."""
        n_e, n_i = self.points.excitatory.shape[0], self.points.inhibitory.shape[0]
        least = math.ceil(self.n_neurons / self.neurons_per_core)
        common = math.gcd(n_e, n_i) if n_i else n_e
        return next((k for k in range(least, common + 1) if common % k == 0), 1)

    def _connect_input(
        self, net: Network, lines: Population, populations: dict[str, Population]
    ) -> None:
        w = self.wiring
        joined = join_lines(self.points, self.n_lines, w, self.image, self.seed)
        for kind, found in zip("EI", joined, strict=True):
            if kind not in populations:
                continue
            size = w.weight_na * (w.inhibitory_factor if kind == "I" else 1.0)
            self._connect_lines(net, lines, populations[kind], found, size)

    def _connect_lines(
        self, net: Network, lines: Population, target: Population, found: Joined, size: float
    ) -> None:
        w = self.wiring
        for is_negative, factor in ((False, 1.0), (True, -w.negative_factor)):
            chosen = found.is_negative == is_negative
            if not chosen.any():
                continue
            rule = ExplicitList(found.line[chosen], found.neuron[chosen])
            mean = size * factor
            net.connect(
                lines, target, rule, weight=spread_around(mean, w.weight_spread),
                delay_ms=self.dt_ms, receptor="inhibitory" if is_negative else "excitatory",
            )  # fmt: skip

    def _connect_recurrent(
        self, net: Network, populations: dict[str, Population], learning: Mapping[str, Any]
    ) -> None:
        c = self.column
        is_dynamic = c.synapses == "dynamic"
        rules = {pair: TsodyksMarkram.liquid(pair) if is_dynamic else None for pair in PAIRS}
        rules.update(learning)
        points = {"E": self.points.excitatory, "I": self.points.inhibitory}
        for pair, chance in c.chance.items():
            source, onto = pair[0], pair[1]
            if source not in populations or onto not in populations or chance == 0.0:
                continue
            mean = c.weight_na[pair] * c.recurrence * (1.0 if source == "E" else -1.0)
            rule = DistanceDependent(chance, c.length, points[source], points[onto])
            net.connect(
                populations[source], populations[onto], rule,
                weight=spread_around(mean, c.weight_spread),
                delay_ms=rounded_ms(c.delay_ms[pair], self.dt_ms, 1),
                receptor="excitatory" if source == "E" else "inhibitory",
                plasticity=rules.get(pair),
            )  # fmt: skip

    def neuron_of_gid(self, net: Network) -> np.ndarray:
        """Return the liquid neuron of each gid, -1 for lines, int64 [all neurons]."""
        neuron = np.full(net.n_neurons, -1, dtype=np.int64)
        neuron[: self.n_neurons] = np.arange(self.n_neurons)
        return neuron


def spread_around(mean: float, spread: float) -> Gamma | float:
    """Return a gamma distribution of this mean, the plain number where nothing varies."""
    return Gamma(mean, abs(mean) * spread) if spread > 0 and mean != 0 else mean
