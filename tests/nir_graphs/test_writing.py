"""Networks written as graphs and read back are the same networks."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import nir
from distsnn.network import AllToAll, ExplicitList, FixedProbability, Network, Uniform
from distsnn.neurons import IntegrateFire, LifDelta, NirCubaLif, NirIf, NirLif
from distsnn.player import Recording
from distsnn.simulation import simulate
from distsnn.stimuli import SpikeSource

N_STEPS = 50


def layers():
    """Every model, drawn synapses, delays, a loop, a bias, and values of each neuron."""
    network = Network(dt_ms=1.0, seed=5)
    source = network.population("in", 6, SpikeSource([], [], n_sources=6))
    first = network.population(
        "first", 8, NirIf(bias=0.125, v_threshold=Uniform(1.0, 2.0), first_step=1)
    )
    second = network.population(
        "second", 5, NirCubaLif(tau_syn_ms=2.0, tau_mem_ms=[5.0, 6.0, 7.0, 8.0, 9.0], r=8.0)
    )
    out = network.population("out", 3, NirLif(tau_ms=4.0, r=3.0, v_leak=0.25, v_reset=0.25))
    network.connect(source, first, FixedProbability(0.7), weight=0.75)
    network.connect(first, first, FixedProbability(0.2), weight=-0.25, delay_ms=2.0)
    network.connect(first, second, AllToAll(), weight=0.5, delay_ms=4.0)
    pairs = [0, 0, 1, 2, 3, 4, 4], [0, 0, 1, 2, 0, 1, 2]
    weights, delays = [0.5, 0.25, 1.0, 0.75, 1.0, 1.5, -0.5], [1.0, 1.0, 3.0, 1.0, 2.0, 1.0, 1.0]
    network.connect(second, out, ExplicitList(*pairs, weights, delays))
    network.connect(source, out, AllToAll(), weight=0.25, delay_ms=3.0)
    return network


def spikes_of(seed=3, n=6):
    step, line = np.nonzero(np.random.default_rng(seed).random((N_STEPS, n)) < 0.2)
    return step, line


def original_trains(network, output):
    """Return the spikes of a network whose source plays the input."""
    step, line = spikes_of()
    played = Network(dt_ms=network.dt_ms, seed=network.seed)
    for population in network.populations:
        model = SpikeSource(step + 1.0, line, n_sources=6) if population.model.is_source else None
        given = {**population.parameters}
        kept = model or type(population.model)(
            **{**vars(population.model), **{k: getattr(v, "values", v) for k, v in given.items()}}
        )
        played.population(population.name, population.size, kept)
    for projection in network.projections:
        rule, delay = projection.rule, projection.delay
        is_listed = isinstance(rule, ExplicitList)
        played.connect(
            projection.source.name, projection.target.name, rule,
            weight=None if is_listed else projection.weight,
            delay_ms=None if is_listed else delay,
        )  # fmt: skip
    result = simulate(played, duration_ms=float(N_STEPS + 3))
    return result.spike_steps(output)


def test_same_spikes_after_writing_and_reading(tmp_path):
    network = layers()
    nir.write(network, tmp_path / "net.nir")
    loaded = nir.load(tmp_path / "net.nir")
    assert loaded.output == "out"
    played = nir.run(loaded, [Recording(*spikes_of(), N_STEPS)])
    step, neuron = original_trains(network, "out")
    depth = loaded.program.output_layer.depth
    wanted = sorted(
        (int(s) - depth, int(n)) for s, n in zip(step, neuron, strict=True) if s < N_STEPS + depth
    )
    assert len(wanted) > 10
    assert sorted(map(tuple, np.transpose(played.outputs.trains[0]).tolist())) == wanted


def test_what_is_read_is_written_again(tmp_path):
    nir.write(layers(), tmp_path / "one.nir")
    one = nir.load(tmp_path / "one.nir")
    nir.write(one, tmp_path / "two.nir")
    two = nir.load(tmp_path / "two.nir")
    recordings = [Recording(*spikes_of(), N_STEPS)]
    assert nir.run(one, recordings).digest == nir.run(two, recordings).digest


@pytest.mark.parametrize(
    "model", [IntegrateFire(i_offset_pa=25.0), LifDelta(t_ref_ms=0.0, v_reset_mv=0.0, tau_m_ms=8.0)]
)
def test_models_that_nir_says_in_other_words(model, tmp_path):
    """r, tau and thresholds are chosen such that a spike of weight w still adds w to v."""
    network = Network(dt_ms=1.0)
    source = network.population("in", 6, SpikeSource([], [], n_sources=6))
    target = network.population("out", 1, model)
    network.connect(source, target, AllToAll(), weight=7.3)
    nir.write(network, tmp_path / "net.nir")
    loaded = nir.load(tmp_path / "net.nir")
    ideal = nir.ideal_outputs(loaded.ideal, [Recording(*spikes_of(), N_STEPS)])
    v, wanted = 0.0, []
    step, _ = spikes_of()
    for t in range(N_STEPS):
        arriving = 7.3 * np.count_nonzero(step == t)
        if isinstance(model, LifDelta):
            v = v * np.exp(-1.0 / 8.0) + arriving
        else:
            v = v + arriving + 25.0 / 250.0
        if v > 20.0:
            wanted.append(t)
            v = 0.0
    assert len(wanted) > 3
    assert ideal.trains[0][0].tolist() == wanted
    assert len(loaded.network.populations) == 2


def test_the_package_nir_reads_what_is_written(tmp_path):
    nir_package = pytest.importorskip("nir", reason="needs the package nir, which reads the file")
    nir.write(layers(), tmp_path / "net.nir")
    graph = nir_package.read(tmp_path / "net.nir")
    kinds = {name: type(node).__name__ for name, node in graph.nodes.items()}
    assert kinds["first"] == "IF"
    assert kinds["second"] == "CubaLIF"
    assert kinds["in"] == "Input"
    assert kinds["output"] == "Output"
    assert graph.nodes["out"].tau == pytest.approx(np.full(3, 0.004))
