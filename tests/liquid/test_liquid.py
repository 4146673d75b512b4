"""Liquids as networks: wiring statistics, playing, and the same bits however they are cut."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.comm.serial import SerialComm
from distsnn.errors import NetworkError, UsageError
from distsnn.liquid.geometry import grid_of, place_neurons
from distsnn.liquid.inputs.encoders import InputSpikes
from distsnn.liquid.liquid import Liquid
from distsnn.liquid.measures.everything import measure_all
from distsnn.liquid.measures.probes import play_inputs, poisson_inputs
from distsnn.liquid.parameters import Column, InputWiring
from distsnn.liquid.presets import PRESETS, with_settings
from distsnn.liquid.respond import respond
from distsnn.liquid.wiring import Image, input_synapses
from distsnn.network import Network
from distsnn.network.draw import draw_sources
from distsnn.player import Player, Recording
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import SpikeSource

SOUNDS = PRESETS["sounds"].with_grid((6, 6, 5))


def small(seed=1, per_core=1024, **column):
    return Liquid(
        replace(SOUNDS.column, **column), SOUNDS.wiring, 40, seed=seed, neurons_per_core=per_core
    )


def stimuli(n=4, n_channels=40, seed=1):
    random = np.random.default_rng(seed)
    return [poisson_inputs(n_channels, 60 + 13 * k, 90.0, 1.0, random) for k in range(n)]


def test_grids():
    assert grid_of(135) == (15, 3, 3)
    assert grid_of(1000) == (10, 10, 10)
    assert grid_of(4000) == (20, 20, 10)
    assert grid_of(100_000) == (50, 50, 40)
    with pytest.raises(NetworkError):
        grid_of(1009)


def test_a_fifth_is_inhibitory_and_every_point_is_taken_once():
    points = place_neurons((15, 3, 3), 0.2, 1)
    assert points.inhibitory.shape == (27, 3)
    assert np.unique(points.all(), axis=0).shape == (135, 3)
    other = place_neurons((15, 3, 3), 0.2, 2)
    assert (other.inhibitory != points.inhibitory).any()


def test_recurrent_synapses_of_each_pair_are_as_many_as_the_formula_says():
    net = Liquid(Column(grid=(12, 12, 10)), InputWiring(), 30).network()
    pairs = [p for p in net.projections if p.source.name != "input"]
    assert len(pairs) == 4
    for projection in pairs:
        counts, _ = draw_sources(projection, 0, projection.target.size, net.seed)
        expected = projection.expected_synapses()
        assert abs(counts.sum() - expected) < 5 * np.sqrt(expected)
        wanted = {("exc", "exc"): 30, ("exc", "inh"): 60, ("inh", "exc"): -19, ("inh", "inh"): -19}
        assert (
            projection.weight.expected() == wanted[projection.source.name, projection.target.name]
        )


def test_input_lines():
    points = place_neurons((10, 10, 10), 0.2, 1)
    wiring = InputWiring(fan=12, negative_share=0.5)
    onto_e, onto_i = input_synapses(points, 160, wiring, None, 1)
    assert (np.bincount(onto_e.neuron) == 12).all()
    assert onto_i.neuron.max() == 199
    pairs = onto_e.neuron * 160 + onto_e.channel
    assert np.unique(pairs).size == pairs.size
    n = onto_e.channel.size + onto_i.channel.size
    negative = onto_e.is_negative.sum() + onto_i.is_negative.sum()
    assert abs(negative - n / 2) < 5 * np.sqrt(n / 4)
    with pytest.raises(NetworkError):
        input_synapses(points, 8, wiring, None, 1)


def test_topographic_input_lies_around_the_neuron():
    points = place_neurons((17, 17, 4), 0.2, 1)
    wiring = InputWiring(fan=24, spread_pixels=2.0)
    onto_e, _ = input_synapses(points, 578, wiring, Image(17, 17, 2), 1)
    place = points.excitatory[onto_e.neuron]
    x, y = onto_e.channel % 289 % 17, onto_e.channel % 289 // 17
    inner = (place[:, 0] > 6) & (place[:, 0] < 10)
    assert (x - place[:, 0])[inner].std() == pytest.approx(2.0, abs=0.15)
    assert abs((y - place[:, 1]).mean()) < 0.2
    assert (onto_e.channel >= 289).mean() == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("synapses", ["static", "dynamic"])
def test_every_recording_begins_from_the_same_state(synapses):
    liquid, comm = small(synapses=synapses), SerialComm()
    a, b, c = stimuli(3)
    together = play_inputs(liquid, [a, b, a, c, a], Settings(), comm)
    alone = play_inputs(liquid, [a], Settings(), comm)[0]
    for one in (together[0], together[2], together[4]):
        assert (one.step == alone.step).all()
        assert (one.neuron == alone.neuron).all()
    assert alone.step.size > 50


@pytest.mark.parametrize("synapses", ["static", "dynamic"])
def test_playing_equals_a_run_of_its_own(synapses):
    liquid = small(synapses=synapses)
    one = stimuli(1)[0]
    heard = play_inputs(liquid, [one], Settings(), SerialComm())[0]
    silent = liquid.network()
    net = Network(dt_ms=1.0, seed=liquid.seed, name="liquid")
    for population in silent.populations[:-1]:
        net.population(
            population.name, population.size, population.model, population.initial,
            population.patches,
        )  # fmt: skip
    net.population("input", 40, SpikeSource(one.step + 1.0, one.channel.astype(np.uint32), 40))
    for p in silent.projections:
        net.connect(
            p.source.name, p.target.name, p.rule, weight=p.weight, delay_ms=p.delay,
            receptor=p.receptor, plasticity=p.plasticity,
        )  # fmt: skip
    result = simulate(net, duration_ms=float(one.n_steps), comm=SerialComm())
    spikes = set(zip(heard.step.tolist(), heard.neuron.tolist(), strict=True))
    expected = set()
    for name in ("exc", "inh"):
        step, neuron = result.spike_steps(name)
        first = result.network.find(name).gid_start
        expected |= set(zip(step.tolist(), (neuron + first).tolist(), strict=True))
    assert spikes == expected


def test_features_do_not_depend_on_how_the_liquid_is_cut_into_cores():
    digests = {
        respond(
            small(per_core=n), SOUNDS, stimuli(), Settings(neurons_per_core=n), SerialComm()
        ).digest
        for n in (1024, 90, 40)
    }
    assert len(digests) == 1


@pytest.mark.parametrize("synapses", ["static", "dynamic"])
def test_nothing_that_waits_in_synapses_reaches_the_next_recording(synapses):
    published = PRESETS["published"].column  # delays of up to 3 steps: some spikes are under way
    column = replace(published, synapses=synapses, recurrence=20.0)
    liquid = Liquid(column, InputWiring(fan=4, weight_na=18.0), 8, dt_ms=0.5)
    random = np.random.default_rng(3)
    busy = [poisson_inputs(8, 80, 60.0, 0.5, random) for _ in range(5)]
    silent = InputSpikes(np.zeros(0, np.int64), np.zeros(0, np.int64), 40)
    order = [silent, *(one for each in busy for one in (each, silent))]
    heard = play_inputs(liquid, order, Settings(), SerialComm())
    for after in heard[2::2]:
        assert np.array_equal(after.step, heard[0].step)
        assert np.array_equal(after.neuron, heard[0].neuron)


def test_recordings_that_are_played_in_parts_are_heard_as_in_one():
    column = replace(PRESETS["published"].column, recurrence=20.0)
    network = Liquid(column, InputWiring(fan=4, weight_na=18.0), 8, dt_ms=0.5).network()
    random = np.random.default_rng(4)
    lines = [poisson_inputs(8, 60 + 9 * k, 60.0, 0.5, random) for k in range(5)]
    recordings = [Recording(s.step, s.channel, s.n_steps) for s in lines]

    def heard(*parts):
        options = {"n_steps": 1000, "most_input": 8, "settings": Settings(), "comm": SerialComm()}
        player = Player(network, "input", **options)
        found = [one for part in parts for one in player.play(recordings[part])]
        return found, player.finish().digest()

    whole, traffic = heard(slice(0, 5))
    pieces, same_traffic = heard(slice(0, 2), slice(2, 3), slice(3, 5))
    assert all(one.step.size > 50 for one in whole)
    for one, other in zip(whole, pieces, strict=True):
        assert np.array_equal(one.step, other.step)
        assert np.array_equal(one.gid, other.gid)
    assert traffic == same_traffic


def test_dynamic_synapses_are_those_of_each_pair_and_weaken_a_busy_column():
    column = replace(PRESETS["published"].column, background_na=14.5)
    spikes = {}
    for synapses in ("static", "dynamic"):
        chosen = replace(column, synapses=synapses)
        liquid = Liquid(chosen, InputWiring(fan=4, weight_na=18.0), 8, dt_ms=0.5)
        lines = [poisson_inputs(8, 400, 20.0, 0.5, np.random.default_rng(2))]
        spikes[synapses] = play_inputs(liquid, lines, Settings(), SerialComm())[0].step.size
        rules = {
            p.source.name[0] + p.target.name[0]: p.plasticity
            for p in liquid.network().projections
            if p.source.name != "input"
        }
    assert {pair: rule.utilisation for pair, rule in rules.items()} == {
        "ee": 0.5, "ei": 0.05, "ie": 0.25, "ii": 0.32,
    }  # fmt: skip
    assert 100 < spikes["dynamic"] < 0.7 * spikes["static"]
    with pytest.raises(NetworkError):
        replace(column, synapses="lively")


def test_recurrence_at_zero_leaves_the_input_alone():
    bare = small(recurrence=0.0).network()
    assert {p.source.name for p in bare.projections} == {"input"}
    whole = small().network()
    inputs = [p for p in whole.projections if p.source.name == "input"]
    for one, other in zip(inputs, bare.projections, strict=True):
        assert (one.rule.pre == other.rule.pre).all()


def test_replicas_must_fit_the_ranks():
    with pytest.raises(UsageError):
        respond(small(), SOUNDS, stimuli(), Settings(), SerialComm(), replicas=3)


def test_counters_and_energy_are_those_of_all_recordings():
    done = respond(small(), SOUNDS, stimuli(), Settings(), SerialComm())
    twice = respond(small(), SOUNDS, stimuli() + stimuli(), Settings(), SerialComm())
    assert twice.n_spikes == 2 * done.n_spikes
    assert twice.n_packets == 2 * done.n_packets
    assert twice.joules == pytest.approx(2 * done.joules, rel=1e-6)
    assert (twice.features[:4] == done.features).all()


def test_settings_by_name():
    changed = with_settings(SOUNDS, {"fan": 6, "recurrence": 0.5, "n": 8, "tail_ms": 10})
    assert changed.wiring.fan == 6
    assert changed.column.recurrence == 0.5
    assert changed.times.n == 8
    assert changed.tail_ms == 10.0
    for wrong in ({"fam": 6}, {"fan": "many"}):
        with pytest.raises(UsageError):
            with_settings(SOUNDS, wrong)


def test_separation_of_the_published_column_is_ordered_as_in_the_paper():
    published = PRESETS["published"]
    liquid = Liquid(published.column, InputWiring(fan=4), 1 * 4, seed=1, dt_ms=0.5)
    found = measure_all(liquid, Settings(), SerialComm(), quick=True)
    curves = found["separation"]["curves"]
    means = [float(np.mean(curves[name])) for name in ("0", "0.1", "0.2", "0.4")]
    assert means[0] == 0.0
    assert means[0] < means[1] < means[3]
    assert max(curves["0.4"]) < 2.5
    assert found["ranks"]["values"]["generalisation"] <= found["ranks"]["values"]["kernel"]
    for curve in found["memory"]["curves"].values():
        assert curve[0] > curve[-1]
        assert sum(curve) < 12


def test_silent_stimulus():
    nothing = InputSpikes(np.zeros(0, np.int64), np.zeros(0, np.int64), 50)
    done = respond(small(), SOUNDS, [nothing, *stimuli(1)], Settings(), SerialComm())
    assert done.features[0].sum() == 0.0
    assert done.features[1].sum() > 0.0
