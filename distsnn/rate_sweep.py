"""Traffic of a network's connections as its neurons spike faster and faster, against theory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from distsnn.chip import Chip, load_chip
from distsnn.network import Network
from distsnn.network.listed import Listed
from distsnn.neurons.poisson_neuron import PoissonNeuron
from distsnn.report.document import mesh_traffic
from distsnn.simulation import Settings, simulate
from distsnn.time_grid import rounded_ms
from distsnn.traffic.sweep import SWEEP_RATES_HZ, SweepPoint, expected_sweep, measured_point

MOST_SPIKES = 2_000_000  # of all neurons at one rate: enough for 0.1 % on every sum
LONGEST_MS = 2000.0


@dataclass(frozen=True)
class Sweep:
    """Counted and expected traffic at each rate; on ranks other than 0 both are empty.

    saturation: the rate above which the chip's mean step takes longer than ``dt_ms``, and what
    binds it; None where the chip's times are not known.
    """

    network: str
    chip: Chip
    dt_ms: float
    measured: list[SweepPoint]
    expected: list[SweepPoint]
    saturation: tuple[float, str] | None = None


def poisson_copy(network: Network, rate_hz: float) -> Network:
    """Return a network with the same synapses, whose neurons spike at ``rate_hz`` by themselves."""
    copy = Network(dt_ms=network.dt_ms, seed=network.seed, name=network.name)
    model = PoissonNeuron(rate_hz)
    for population in network.populations:
        copy.population(population.name, population.size, model, patches=population.patches)
    for one in network.projections:
        copy.connect(
            copy.populations[one.source.index],
            copy.populations[one.target.index],
            one.rule,
            weight=None if isinstance(one.weight, Listed) else one.weight,
            delay_ms=None if isinstance(one.delay, Listed) else one.delay,
            receptor=one.receptor,
        )
    return copy


def sweep(
    network: Network,
    settings: Settings,
    comm: Any,
    rates_hz: Sequence[float] = SWEEP_RATES_HZ,
    say: Callable[[str], None] | None = None,
) -> Sweep:
    """Run the network's connections at each rate and count. Collective."""
    measured: list[SweepPoint] = []
    expected: list[SweepPoint] = []
    saturation = None
    chip = load_chip(settings.chip) if isinstance(settings.chip, str) else settings.chip
    for rate_hz in rates_hz:
        duration_ms = min(LONGEST_MS, MOST_SPIKES / network.n_neurons / rate_hz * 1e3)
        duration_ms = rounded_ms(duration_ms, network.dt_ms, 20)
        copy = poisson_copy(network, rate_hz)
        result = simulate(copy, duration_ms=duration_ms, settings=settings, comm=comm)
        if not result.is_root:
            continue
        if result.footprint is not None and not expected:
            expected = expected_sweep(result.footprint, network.dt_ms, rates_hz)
            if expected[0].chip_step_s is not None:
                saturation = result.footprint.saturation_hz(network.dt_ms)
        traffic = mesh_traffic(result)
        measured.append(measured_point(traffic, network.dt_ms))
        if say is not None:
            say(f"{rate_hz:g} Hz: {traffic.packets:,} packets in {result.duration_ms:g} ms")
    return Sweep(network.name, chip, network.dt_ms, measured, expected, saturation)
