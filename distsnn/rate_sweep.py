"""Traffic of a network's connections as its neurons spike faster and faster, against theory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

from distsnn.checks import MAX_FLOAT32, array
from distsnn.chip import Chip
from distsnn.comm import Comm, start
from distsnn.errors import UsageError
from distsnn.network import Network
from distsnn.network.distributions.distributions import Distribution
from distsnn.network.distributions.listed import Listed
from distsnn.network.space.by_distance import ByDistance, PairValues
from distsnn.neurons.poisson_neuron import PoissonNeuron
from distsnn.report.document import mesh_traffic
from distsnn.running.counters import input_populations, input_spikes_of_core
from distsnn.running.display.progress import Lines, clock
from distsnn.running.settings import call_settings, require_network
from distsnn.simulation import Result, Settings, simulate
from distsnn.time_grid import rounded_ms
from distsnn.traffic.footprint import Footprint
from distsnn.traffic.sweep import SWEEP_RATES_HZ, SweepPoint, expected_sweep, measured_point

MAX_SPIKES = 2_000_000  # of all neurons at one rate: enough for 0.1 % on every sum
MAX_MS = 2000.0
MIN_HZ = 1e-6


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
    require_network("poisson_copy", network)
    copy = Network(dt_ms=network.dt_ms, seed=network.seed, name=network.name)
    model = PoissonNeuron(rate_hz)
    for population in network.populations:
        copy.population(
            population.name, population.size, model, patches=population.patches,
            positions=population.space,
        )  # fmt: skip
    for projection in network.projections:
        copy.connect(
            copy.populations[projection.source.index],
            copy.populations[projection.target.index],
            projection.rule,
            weight=_given(projection.weight),
            delay_ms=_given(projection.delay),
            receptor=projection.receptor,
            synapses="auto" if projection.is_computed else "stored",
        )
    return copy


def _given(values: Distribution | Listed | PairValues) -> Distribution | ByDistance | None:
    """Return values as ``connect`` takes them; those of a list come with its rule."""
    if isinstance(values, PairValues):
        return values.by
    return None if isinstance(values, Listed) else values


def sweep(
    network: Network,
    settings: Settings,
    comm: Comm,
    rates_hz: Sequence[float] = SWEEP_RATES_HZ,
    say: Callable[[str], None] | None = None,
) -> Sweep:
    """Run the network's connections at each rate and count. Collective.

    rates_hz: above 0. say: called on rank 0 with a line on the progress after each rate. Raises
    UsageError and what ``simulate`` raises.
    """
    require_network("sweep", network, comm, say, name="say")
    comm = comm or start()
    settings = call_settings(settings, {})
    rates_hz = array("sweep: rates_hz", rates_hz, "f", low=MIN_HZ, high=MAX_FLOAT32,
                     error=UsageError).tolist()  # fmt: skip
    measured: list[SweepPoint] = []
    footprint: Footprint | None = None
    progress = _SweepProgress(network, len(rates_hz), comm, say)
    for rate_hz in rates_hz:
        result = _run_at(network, rate_hz, settings, comm, progress)
        if result.counters is None or not result.is_root:
            continue
        traffic = mesh_traffic(result)
        measured.append(measured_point(traffic, network.dt_ms))
        footprint = footprint or result.footprint
        progress.rate_done(rate_hz, traffic.packets, result.duration_ms)
    expected: list[SweepPoint] = []
    saturation = None
    if footprint is not None:
        expected = expected_sweep(footprint, network.dt_ms, rates_hz)
        if expected[0].chip_step_s is not None:
            saturation = footprint.saturation_hz(network.dt_ms)
    chip = settings.loaded_chip()
    return Sweep(network.name, chip, network.dt_ms, measured, expected, saturation)


def _run_at(
    network: Network, rate_hz: float, settings: Settings, comm: Comm, progress: _SweepProgress
) -> Result:
    """Run a network whose neurons spike at a rate by themselves; its input lines stay input lines."""
    duration_ms = min(MAX_MS, MAX_SPIKES / network.n_neurons / rate_hz * 1e3)
    result = simulate(
        poisson_copy(network, rate_hz), duration_ms=rounded_ms(duration_ms, network.dt_ms, 20),
        settings=settings, comm=comm, progress=progress.steps(),
    )  # fmt: skip
    if result.is_root and result.counters is not None and result.spikes_all is not None:
        lines = result.plan.neurons_of_core(input_populations(network))
        spikes = input_spikes_of_core(network, result.plan, result.spikes_all.gid)
        result.counters = replace(result.counters, input_lines=lines, input_spikes=spikes)
        if result.footprint is not None:
            neurons = result.footprint.neurons - lines
            result.footprint = replace(result.footprint, neurons=neurons)
    return result


class _SweepProgress:
    """Reports the progress of a sweep. All rates have about as many spikes, and take about as long."""

    def __init__(
        self, network: Network, n_rates: int, comm: Comm, say: Callable[[str], None] | None
    ) -> None:
        self._say = say if comm.rank == 0 else None
        self._n_rates, self._n_done, self._began = n_rates, 0, perf_counter()
        if self._say is not None:
            self._say(
                f"{network.name}: {network.n_neurons:,} neurons, "
                f"{network.expected_synapses():,.0f} synapses at {n_rates} rates; building ..."
            )

    def steps(self) -> Callable[[int, int], None] | None:
        """Return the progress report of the run at one rate."""
        return None if self._say is None else Lines()

    def rate_done(self, rate_hz: float, packets: int, duration_ms: float) -> None:
        """Report that the run at a rate has ended."""
        if self._say is None:
            return
        self._n_done += 1
        left_s = (perf_counter() - self._began) / self._n_done * (self._n_rates - self._n_done)
        rest = f", about {clock(left_s)} left" if self._n_done < self._n_rates else ""
        self._say(
            f"{rate_hz:g} Hz, {self._n_done} of {self._n_rates}: {packets:,} packets in "
            f"{duration_ms:g} ms{rest}"
        )
