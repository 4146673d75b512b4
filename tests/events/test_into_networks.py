"""A recording as the only input of a network."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from distsnn.cli.parser import run_command
from distsnn.errors import UsageError
from distsnn.events import Events, write_events
from distsnn.network import Network
from distsnn.networks.recorded_events import play_events, read_for_network
from distsnn.neurons import Izhikevich, LifDelta, LifExp
from distsnn.neurons.propagators import peak_mv_per_pa
from distsnn.simulation import simulate


@pytest.fixture
def recording(tmp_path):
    random = np.random.default_rng(1)
    n = 400
    events = Events.of(
        np.sort(random.integers(0, 100_000, n)), random.integers(0, 40, n),
        random.integers(0, 40, n), random.random(n) < 0.5, 40, 40,
    )  # fmt: skip
    path = tmp_path / "seen.dat"
    write_events(events, path)
    return path


@pytest.mark.parametrize(("tau_m_ms", "tau_syn_ms"), [(20.0, 2.0), (10.0, 0.5), (5.0, 5.0)])
def test_the_peak_of_a_response_against_integration(tau_m_ms, tau_syn_ms):
    dt, v, i, most = 1e-3, 0.0, 1.0, 0.0
    for _ in range(int(60 / dt)):
        v += dt * (-v / tau_m_ms + i / 250.0)
        i -= dt * i / tau_syn_ms
        most = max(most, v)
    assert peak_mv_per_pa(250.0, tau_m_ms, tau_syn_ms) == pytest.approx(most, rel=2e-3)


@pytest.mark.parametrize("model", [LifExp(), LifDelta()])
def test_one_event_makes_a_neuron_spike_once(model):
    events = Events.of([0, 50_000, 90_000], [1, 2, 0], [0, 1, 1], [True, False, True], 3, 2)
    net = Network(dt_ms=0.1)
    net.population("cells", 500, model)
    play_events(net, events, fan=7)
    result = simulate(net, duration_ms=120.0)
    time_ms, neuron = result.spikes("cells")
    assert time_ms.size == 21
    assert np.unique(neuron).size <= 21
    for start in (0.0, 50.0, 90.0):
        assert ((time_ms > start + 3.9) & (time_ms < start + 10.0)).sum() == 7


def test_a_model_without_a_known_weight_needs_one():
    net = Network(dt_ms=1.0)
    net.population("cells", 10, Izhikevich())
    events = Events.of([0], [0], [0], [True], 2, 2)
    with pytest.raises(UsageError):
        play_events(net, events)
    play_events(net, events, weight=20.0)


def test_large_cameras_are_made_coarser(recording):
    assert read_for_network(recording).n_channels() <= 3072
    assert read_for_network(recording).width == 20
    assert read_for_network(recording, space=1).width == 40


def test_the_command_sets_the_recording_beside_the_silent_chip(recording, tmp_path):
    path = tmp_path / "report.json"
    run_command([
        "run", "loihi", "--scale", "0.02", "--duration", "110", "--events", str(recording),
        "--json", str(path), "--quiet",
    ])  # fmt: skip
    report = json.loads(path.read_text())
    found = report["recording"]
    assert found["events"] == 400
    assert found["spikes"] > 400 * 8
    assert found["packets"] == report["traffic"]["packets"] > 0
    assert found["energy_j"] > found["silent_energy_j"] > 0
    camera = next(one for one in report["populations"] if one["name"] == "camera")
    assert camera["n_spikes"] == 400
    assert math.isfinite(found["rate_hz"])
