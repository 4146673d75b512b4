"""A liquid as an ordinary network: populations of input channels and of two types of neurons.

Source: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from distsnn.errors import NetworkError
from distsnn.liquid.geometry import Points, place_neurons
from distsnn.liquid.limits import (
    MAX_CHANNELS,
    MAX_DT_MS,
    MAX_NEURONS,
    MIN_DT_MS,
    PAIRS,
    AnInstance,
    Check,
    or_none,
    real,
    require_fields,
    whole,
)
from distsnn.liquid.parameters import Column, InputWiring
from distsnn.liquid.wiring import Image, InputSynapses, input_synapses
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
    "n_channels": whole(1, MAX_CHANNELS),
    "image": or_none(AnInstance(Image)),
    "seed": whole(0, 2**64 - 1),
    "dt_ms": real(MIN_DT_MS, MAX_DT_MS),
    "neurons_per_core": whole(1, MAX_NEURONS),
}


@dataclass(frozen=True)
class Liquid:
    """A column, its input channels and the seed of its wiring.

    image: if the channels are pixels. neurons_per_core: the most that share a core; larger liquids
    are cut into slabs of the grid. Raises NetworkError.
    """

    column: Column
    wiring: InputWiring
    n_channels: int
    image: Image | None = None
    seed: int = 1
    dt_ms: float = 1.0
    neurons_per_core: int = 1024

    def __post_init__(self) -> None:
        require_fields("liquid", self, LIMITS, NetworkError)

    @cached_property
    def points(self) -> Points:
        """The grid points of the neurons."""
        return place_neurons(self.column.grid, self.column.inhibitory_share, self.seed)

    @property
    def n_neurons(self) -> int:
        """Number of neurons, without the input channels."""
        return self.points.n

    def network(self, learning: Mapping[str, Any] | None = None) -> Network:
        """Return the network; its population ``input`` has no spikes yet.

        learning: plasticity rules of the recurrent synapses by pair, such as {"EE":
        PairStdp(w_max=400.0)}; they replace those of the column.
        """
        net = Network(dt_ms=self.dt_ms, seed=self.seed, name="liquid")
        exc = self._add(net, "E", self.points.excitatory.shape[0])
        populations = {"E": exc}
        if self.points.inhibitory.shape[0]:
            populations["I"] = self._add(net, "I", self.points.inhibitory.shape[0])
        silent = SpikeSource([], [], n_sources=self.n_channels)
        channels = net.population(INPUT, self.n_channels, silent)
        self._connect_input(net, channels, populations)
        if self.column.recurrence > 0:
            self._connect_recurrent(net, populations, learning or {})
        return net

    def _add(self, net: Network, kind: str, size: int) -> Population:
        c = self.column
        # Refractory times of both types differ in the published column.
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
        # Membranes begin at random between reset (at most rest) and threshold.
        start = {"v": Uniform(min(0.0, c.v_reset_mv), c.v_threshold_mv)}
        return net.population(TYPES[kind], size, model, initial=start, patches=self._n_patches())

    def _n_patches(self) -> int:
        """Return the number of equal slabs that both types are cut into, 1 if there is none."""
        n_e, n_i = self.points.excitatory.shape[0], self.points.inhibitory.shape[0]
        least = math.ceil(self.n_neurons / self.neurons_per_core)
        common = math.gcd(n_e, n_i) if n_i else n_e
        # The smallest divisor of both sizes that leaves few enough neurons on a core.
        return next((k for k in range(least, common + 1) if common % k == 0), 1)

    def _connect_input(
        self, net: Network, channels: Population, populations: dict[str, Population]
    ) -> None:
        w = self.wiring
        by_type = input_synapses(self.points, self.n_channels, w, self.image, self.seed)
        for kind, synapses in zip("EI", by_type, strict=True):
            if kind not in populations:
                continue
            # Mean weight onto this type, then by sign.
            size = w.weight_na * (w.inhibitory_factor if kind == "I" else 1.0)
            self._connect_type(net, channels, populations[kind], synapses, size)

    def _connect_type(
        self,
        net: Network,
        channels: Population,
        target: Population,
        synapses: InputSynapses,
        size: float,
    ) -> None:
        w = self.wiring
        for is_negative, factor in ((False, 1.0), (True, -w.negative_factor)):
            chosen = synapses.is_negative == is_negative
            if not chosen.any():
                continue
            rule = ExplicitList(synapses.channel[chosen], synapses.neuron[chosen])
            mean = size * factor
            net.connect(
                channels, target, rule, weight=spread_around(mean, w.weight_spread),
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
        for pair, probability in c.probability.items():
            source, target = pair[0], pair[1]
            if source not in populations or target not in populations or probability == 0.0:
                continue
            # Sources of type I have negative weights, onto the inhibitory receptor.
            mean = c.weight_na[pair] * c.recurrence * (1.0 if source == "E" else -1.0)
            rule = DistanceDependent(probability, c.length, points[source], points[target])
            net.connect(
                populations[source], populations[target], rule,
                weight=spread_around(mean, c.weight_spread),
                delay_ms=rounded_ms(c.delay_ms[pair], self.dt_ms, 1),
                receptor="excitatory" if source == "E" else "inhibitory",
                plasticity=rules.get(pair),
            )  # fmt: skip


def without_recurrence(liquid: Liquid) -> Liquid:
    """Return the same liquid with its recurrent weights at zero."""
    return replace(liquid, column=replace(liquid.column, recurrence=0.0))


def spread_around(mean: float, spread: float) -> Gamma | float:
    """Return a gamma distribution with sd = spread * |mean|, or the mean itself without spread."""
    return Gamma(mean, abs(mean) * spread) if spread > 0 and mean != 0 else mean
