"""Synapses that are computed when a spike comes give every bit that stored ones give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.signal import correlate

from distsnn import (
    Convolution,
    FixedInDegree,
    IntegrateFire,
    LifCondExp,
    LifDelta,
    Network,
    Poisson,
    Simulation,
    SpikeSource,
    SumPooling,
    Uniform,
    simulate,
)
from distsnn.chip import load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError, UsageError
from distsnn.running.building import build_rank
from distsnn.running.settings import Settings

FORMS = ("stored", "computed")
N_NETWORKS = 30
DURATION_MS = 60.0


def random_convolution(rng: np.random.Generator) -> Convolution:
    n_dims = int(rng.integers(1, 3))
    groups = int(rng.integers(1, 4))
    n_in, n_out = groups * int(rng.integers(1, 3)), groups * int(rng.integers(1, 4))
    kernel_sides = rng.integers(1, 5, n_dims)
    stride, padding, dilation = (rng.integers(low, low + 3, n_dims) for low in (1, 0, 1))
    sides = dilation * (kernel_sides - 1) + 1 + rng.integers(2, 9, n_dims)
    # Weights over five decades are on several lanes; those of 0 are no synapses.
    kernel = rng.normal(size=(n_out, n_in // groups, *kernel_sides))
    kernel *= 10.0 ** rng.uniform(-5, 0, kernel.shape) if rng.random() < 0.5 else 1.0
    kernel[rng.random(kernel.shape) < 0.2] = 0.0
    return Convolution(
        kernel, (n_in, *sides), stride=stride, padding=padding, dilation=dilation, groups=groups
    )


def random_network(number: int, form: str) -> Network:
    """Given spikes, two convolutions in turn, a pooling where it fits, other synapses beside them."""
    rng = np.random.default_rng(number)
    network = Network(dt_ms=1.0, seed=number)
    first = random_convolution(rng)
    n = first.shape[0]
    spikes = rng.uniform(0, DURATION_MS, 6 * n), rng.integers(0, n, 6 * n)
    source = network.population("source", n, SpikeSource(*spikes, measured=True))
    cells = [LifDelta(v_threshold_mv=1.0, v_reset_mv=0.0), LifCondExp()][number % 2]
    middle = network.population("middle", first.shape[1], cells)
    delays = [1.0, float(rng.integers(2, 9)), float(rng.integers(40, 300))]
    network.connect(source, middle, first, delay_ms=delays[number % 3], synapses=form)
    network.connect(middle, middle, FixedInDegree(3), weight=0.1, delay_ms=Uniform(1.0, 9.0))
    network.stimulate(middle, Poisson(rate_hz=300.0, weight=2.0))
    points = (1,) * (len(first.output_shape) - 1)
    second = Convolution(rng.normal(size=(2, first.output_shape[0], *points)), first.output_shape)
    last = network.population("last", second.shape[1], cells)
    network.connect(middle, last, second, delay_ms=delays[(number + 1) % 3], synapses=form)
    if min(second.output_shape[1:]) >= 2:
        pooling = SumPooling(2, second.output_shape, weight=0.7)
        pooled = network.population("pooled", pooling.shape[1], cells)
        network.connect(last, pooled, pooling, delay_ms=delays[2], synapses=form)
    return network


def run(number: int, form: str, comm, **options):
    network = random_network(number, form)
    per_core = int(np.random.default_rng([number, 1]).integers(5, 60))
    duration = DURATION_MS + 300.0
    return simulate(network, duration_ms=duration, comm=comm, neurons_per_core=per_core, **options)


@pytest.mark.parametrize("number", range(N_NETWORKS))
def test_no_bit_and_no_packet_differs(number):
    stored, computed = (run(number, form, SerialComm()) for form in FORMS)
    assert stored.spikes("middle")[0].size > 0
    assert computed.digest == stored.digest
    assert computed.traffic_digest == stored.traffic_digest
    assert computed.n_synapses == stored.n_synapses
    assert computed.counters.synaptic_events.sum() == stored.counters.synaptic_events.sum()


@pytest.mark.mpi
@pytest.mark.parametrize("number", range(0, N_NETWORKS, 4))
def test_the_same_on_several_ranks(number):
    computed = run(number, "computed", start())
    if computed.is_root:
        stored = run(number, "stored", SerialComm())
        assert computed.digest == stored.digest
        assert computed.traffic_digest == stored.traffic_digest


def image_network(
    rule: Convolution, spikes: tuple, form: str, delay_ms: float, model: object = None
) -> Network:
    network = Network(dt_ms=1.0, seed=1)
    image = network.population("image", rule.shape[0], SpikeSource(*spikes))
    cells = network.population("cells", rule.shape[1], model or LifDelta(v_threshold_mv=1e6))
    network.connect(image, cells, rule, delay_ms=delay_ms, synapses=form)
    return network


@pytest.mark.parametrize("form", FORMS)
def test_the_response_of_a_layer_is_a_correlation(form):
    """A single volley onto cells without a leak."""
    rng = np.random.default_rng(2)
    image, kernel = rng.random((3, 9, 11)) < 0.4, rng.normal(size=(4, 3, 3, 3))
    lit = np.flatnonzero(image)
    rule = Convolution(kernel, image.shape)
    model = IntegrateFire(v_threshold_mv=1e6)
    network = image_network(rule, (np.full(lit.size, 1.0), lit), form, 2.0, model)
    network.record("cells", "v", every_ms=1.0)
    traces = simulate(network, duration_ms=6.0, comm=SerialComm()).traces["cells", "v"][1]
    expected = np.array(
        [sum(correlate(1.0 * image[c], k[c], mode="valid") for c in range(3)) for k in kernel]
    )
    assert np.allclose(traces[-1], expected.ravel(), atol=2e-3)


@pytest.mark.parametrize("delay_ms", [900.0, 5000.0])
def test_more_axons_wait_than_the_calendar_has_room_for(delay_ms):
    """All of 1,000 pixels spike in the same steps; the calendar grows from 64 places."""
    rule = Convolution(np.ones((1, 1, 2, 2)), (1, 25, 40))
    pixels = np.tile(np.arange(1000), 3)
    spikes = np.repeat([1.0, 2.0, 40.0], 1000), pixels
    results = [
        simulate(
            image_network(rule, spikes, form, delay_ms, LifDelta(v_threshold_mv=3.0, v_reset_mv=0.0)),
            duration_ms=delay_ms + 50.0, neurons_per_core=1000, comm=SerialComm(),
        )
        for form in FORMS
    ]  # fmt: skip
    assert results[0].spikes("cells")[0].size > 0
    assert results[0].digest == results[1].digest


WAITING = Convolution(np.ones((1, 1, 2, 2)), (1, 25, 40))


def waiting_network(form: str) -> Network:
    """Spikes that wait in the calendar: a ring of 1,000 neurons has no 700 slots."""
    spikes = np.repeat([1.0, 7.0, 150.0], 1000), np.tile(np.arange(1000), 3)
    # One volley is 4 mV and two are below the threshold: a spike too many shows.
    return image_network(WAITING, spikes, form, 700.0, LifDelta(v_threshold_mv=9.0, v_reset_mv=0.0))


def test_pieces_and_a_reset_give_the_same_bits():
    with Simulation(waiting_network("computed"), comm=SerialComm(), neurons_per_core=1000) as run:
        run.run(100.0)
        run.reset()  # spikes that were on their way are forgotten
        for length in (650.0, 57.0, 3.0, 190.0):
            run.run(length)
        pieces = run.result().digest
    whole = simulate(
        waiting_network("stored"), duration_ms=900.0, neurons_per_core=1000, comm=SerialComm()
    )
    assert pieces == whole.digest


@pytest.mark.mpi
def test_spikes_wait_on_several_ranks_too():
    """Delays as long as a batch of steps, and much longer."""
    cells = LifDelta(v_threshold_mv=3.0, v_reset_mv=0.0)
    for delay_ms in (60.0, 700.0):
        spikes = np.repeat([1.0, 7.0, 50.0], 1000), np.tile(np.arange(1000), 3)
        computed, stored = (
            simulate(
                image_network(WAITING, spikes, form, delay_ms, cells),
                duration_ms=delay_ms + 60.0, neurons_per_core=120, comm=comm,
            )
            for form, comm in (("computed", start()), ("stored", SerialComm()))
        )  # fmt: skip
        assert computed.digest in (stored.digest, "")


def test_cores_of_several_rings():
    """70 cores of 1,024 neurons with two receptors do not fit in one ring of 65,536 sums."""
    rule = Convolution(np.random.default_rng(3).normal(size=(2, 1, 3, 3)), (1, 190, 190))
    pixels = np.random.default_rng(4).permutation(190 * 190)[:3000]
    spikes = np.repeat([1.0, 2.0, 3.0], 1000), pixels
    results = [
        simulate(
            image_network(rule, spikes, form, 1.0), duration_ms=6.0, comm=SerialComm(),
            neurons_per_core=1024,
        )
        for form in FORMS
    ]  # fmt: skip
    assert results[0].digest == results[1].digest


def test_connections_are_those_of_the_rule():
    rule = random_convolution(np.random.default_rng(11))
    network = image_network(rule, ([1.0], [0]), "computed", 1.0)
    projection = network.projections[0]
    edges = rule.edges()
    with Simulation(network, comm=SerialComm()) as simulation:
        synapses = simulation.connections(projection)
        assert synapses.post.tolist() == edges.post.tolist()
        assert synapses.pre.tolist() == edges.pre.tolist()
        assert np.allclose(synapses.weights, edges.weights, rtol=1e-3)
        with pytest.raises(
            UsageError, match=r"must be of stored synapses, .* synapses=\"stored\"\."
        ):
            simulation.set_weights(projection, 1.0)


def test_auto_computes_what_can_be_computed():
    rule = Convolution(np.ones((1, 1, 2, 2)), (1, 4, 4))

    def is_computed(**options) -> bool:
        network = Network(dt_ms=1.0)
        a = network.population("a", 16, LifDelta())
        b = network.population("b", 9, LifDelta())
        ends = (a[:], b[:9]) if options.pop("in_views", False) else (a, b)
        return network.connect(*ends, options.pop("rule", rule), **options).is_computed

    assert is_computed(delay_ms=3.0)
    assert not is_computed(synapses="stored")
    assert not is_computed(delay_ms=Uniform(1.0, 3.0))
    assert not is_computed(weight_bounds=(0.0, 2.0))
    assert not is_computed(rule=FixedInDegree(2), weight=1.0)
    with pytest.raises(
        NetworkError, match=r"synapses: must be 'stored', 'computed' or 'auto', got 3"
    ):
        is_computed(synapses=3)
    for options, reason in (
        ({"delay_ms": Uniform(1.0, 3.0)}, "with several delays"),
        ({"weight_bounds": (0.0, 2.0)}, "with weight_bounds"),
        ({"rule": FixedInDegree(2), "weight": 1.0}, "without a Convolution between whole pop"),
    ):
        with pytest.raises(
            NetworkError, match=f"must be 'stored' or 'auto' {reason}.*got 'computed'"
        ):
            is_computed(synapses="computed", **options)


@pytest.mark.parametrize("shares_kernels", [True, False])
def test_a_core_of_the_chip_holds_the_kernel_once_if_it_can(shares_kernels):
    chip = load_chip("loihi")
    assert chip.synapse.shares_kernels
    chip = replace(chip, synapse=replace(chip.synapse, shares_kernels=shares_kernels))
    rule = Convolution(np.ones((4, 2, 3, 3)), (2, 16, 16), padding="same")
    bits = {}
    for form in FORMS:
        network = image_network(rule, ([1.0], [511]), form, 1.0)
        result = simulate(
            network, duration_ms=1.0, neurons_per_core=512, comm=SerialComm(), chip=chip
        )
        used = {limit.name: limit.used for limit in result.usage.limits}
        bits[form] = used["synapse bits"]
        assert used["synapses"].sum() == 4 * 2 * (3 * 16 - 2) ** 2
    # Whatever the simulator keeps, the chip stores the same.
    assert bits["computed"].tolist() == bits["stored"].tolist()
    # Input lines on the first core; then two cores with two channels each, of 2 x 9 entries.
    once = int(chip.synapse.bits(2 * 18, 2 * 18))
    if shares_kernels:
        assert bits["stored"].tolist() == [0, once, once]
    else:
        assert bits["stored"].sum() > 100 * once


def test_the_cut_to_limits_counts_the_kernel_once():
    rule = Convolution(np.ones((8, 8, 5, 5)), (8, 12, 12), padding="same")
    loihi = load_chip("loihi")
    apart = replace(loihi, synapse=replace(loihi.synapse, shares_kernels=False))
    stored, computed, not_shared = (
        simulate(
            image_network(rule, ([1.0], [1151]), form, 1.0),
            duration_ms=5.0, cut="limits", strict=True, comm=SerialComm(), chip=chip,
        )
        for form, chip in (("stored", loihi), ("computed", loihi), ("computed", apart))
    )  # fmt: skip
    assert stored.digest == computed.digest == not_shared.digest
    assert stored.traffic_digest == computed.traffic_digest
    assert stored.plan.n_blocks == computed.plan.n_blocks < not_shared.plan.n_blocks


def rank_with(form: str):
    rule = Convolution(np.ones((16, 16, 3, 3)), (16, 24, 24), padding="same")
    network = image_network(rule, ([1.0], [9215]), form, 1.0)
    return build_rank(network, 1, load_chip("loihi"), Settings(), SerialComm())


def test_memory_is_that_of_the_kernel_and_only_then_is_the_program_longer():
    stored, computed = (rank_with(form) for form in FORMS)
    n = stored.table.n_synapses
    assert computed.table.n_synapses == n
    assert stored.table.words.nbytes > 4 * n
    assert computed.table.words.nbytes == 0
    assert computed.computed.n_bytes < 0.05 * stored.table.words.nbytes
    assert not stored.computed.parts
    assert len(computed.step._program._lines) == len(stored.step._program._lines) + 4
