"""Counters of a mesh: the same whether each step or the whole run has a row, and never too narrow."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import distsnn.core.rank
import distsnn.core.recording.mesh_recorder
from distsnn.chip import Chip, load_chip
from distsnn.comm.serial import SerialComm
from distsnn.core.recording.mesh_recorder import IN_TOTAL, NODES_PER_STEP, MeshRecorder
from distsnn.errors import CapacityError
from distsnn.kernels.loop.arrive import arrive
from distsnn.kernels.mesh.counters import EVENTS, N_COUNTERS, RECEIVED, SPIKE_COUNTERS
from distsnn.kernels.mesh.link_loads import count_packets
from distsnn.kernels.plastic.counts import count_spiked
from distsnn.mesh import Box, Mesh, link_loads
from distsnn.network import FixedInDegree, Network, Normal, Uniform
from distsnn.neurons import LifDelta
from distsnn.plasticity import PairStdp
from distsnn.simulation import Result, simulate
from distsnn.stimuli import Poisson

TOTALS = (
    "packets_sent", "packets_received", "synaptic_events", "neurons", "spikes", "learning_of_core",
)  # fmt: skip


def mesh_of(height: int, *, wrap: bool = False) -> Chip:
    """Return a chip of 16 columns, so that row by row neurons are on the same cores of any."""
    return replace(load_chip("loihi"), width=16, height=height, wrap=wrap)


def run(chip: Chip) -> Result:
    network = Network(dt_ms=1.0, seed=5)
    cells = network.population("cells", 300, LifDelta(), initial={"v": Uniform(0.0, 19.0)})
    learns = PairStdp(w_max=1.0, w_min=0.0)
    network.connect(
        cells, cells, FixedInDegree(10), weight=0.4, delay_ms=Normal(12.0, 4.0, low=8.0)
    )
    network.connect(cells, cells, FixedInDegree(4), weight=0.2, delay_ms=8.0, plasticity=learns)
    network.stimulate(cells, Poisson(rate_hz=3000.0, weight=1.0))
    return simulate(network, duration_ms=203.0, chip=chip, neurons_per_core=8)


def test_large_meshes_count_as_small_ones_do():
    """The last window is not whole, and the last row of cores is beyond the steps' limit."""
    small, large = mesh_of(NODES_PER_STEP // 16), mesh_of(NODES_PER_STEP // 16 + 2)
    one, other = run(small).counters, run(large).counters
    assert one.packets_of_step.size == 203
    assert other.packets_of_step.size == 0
    n = small.n_cores
    assert np.array_equal(other.link_packets[:, :, :n], one.link_packets)
    assert not other.link_packets[:, :, n:].any()
    assert other.in_tile_packets == one.in_tile_packets > 0
    for name in TOTALS:
        assert np.array_equal(getattr(other, name)[:n], getattr(one, name)), name
    assert other.learning_updates == one.learning_updates > 0


def test_the_length_of_a_window_cannot_be_seen(monkeypatch):
    """Where 32 bits could overflow, loads are summed after fewer steps."""
    chip = mesh_of(NODES_PER_STEP // 16 + 2, wrap=True)
    reference = run(chip).traffic_digest
    most = []
    window = distsnn.core.recording.mesh_recorder._window

    def short(n_cores: int, batch: int, most_packets: int) -> int:
        most.append(most_packets)
        return window(n_cores, batch, (1 << 30) // 3)

    monkeypatch.setattr(distsnn.core.recording.mesh_recorder, "_window", short)
    assert run(chip).traffic_digest == reference
    assert most[0] > 300


@pytest.mark.parametrize(
    ("n_cores", "batch", "most", "steps"),
    [
        (1024, 8, 100, 16), (1025, 8, 100, 24), (1024, 64, 1 << 27, 8), (1024, 64, 1 << 30, 1),
        (1 << 18, 64, 1 << 16, 1 << 14), (1024, 8, 0, 16),
    ],
)  # fmt: skip
def test_no_window_can_overflow(n_cores, batch, most, steps):
    assert distsnn.core.recording.mesh_recorder._window(n_cores, batch, most) == steps


def test_more_packets_in_a_step_than_can_be_counted_are_refused(monkeypatch):
    monkeypatch.setattr(distsnn.core.rank, "MAX_PACKETS", 299)
    with pytest.raises(CapacityError, match="mesh counters: must be at most 299 packets of a rank"):
        run(mesh_of(8))


def test_events_of_a_core_beyond_32_bits():
    """An axon with 3 thousand million synapses on one core, often."""
    per_core = np.zeros((1, N_COUNTERS * 2), dtype=np.int64)
    axons, start = np.zeros(5, np.uint32), np.array([0, 1], np.uint32)
    core, onto = np.array([0], np.uint16), np.array([3_000_000_000], np.uint32)
    nodes = np.array([1], np.int32)
    arrive(0, 0, 0, 5, 3, axons, axons, start, core, onto, nodes, per_core)
    of_node = per_core.reshape(N_COUNTERS, 2)[:, 1]
    assert of_node[RECEIVED] == 8
    assert of_node[EVENTS] == 24_000_000_000
    assert per_core.sum() == 24_000_000_008
    learning = np.zeros((1, 2), dtype=np.int64)
    count_spiked(0, 5, 3, axons, onto, nodes, learning)
    assert learning.tolist() == [[0, 15_000_000_000]]


def test_what_no_window_has_summed_is_in_the_totals():
    """A run may end within a window."""
    chip = mesh_of(NODES_PER_STEP // 16 + 2)
    box = Box.around(Mesh(chip.width, chip.height), np.array([0, 40]))
    recorder = MeshRecorder(SerialComm(), chip, box, 1000, 8)
    assert not recorder.is_block_full(10)
    count_packets(1, np.array([0, 0]), box.number_of(np.array([3, 40])), recorder.differences)
    recorder.finish_block(recorder.row(10) + 1)
    expected = link_loads(Mesh(chip.width, chip.height), [0, 0], [3, 40], [1, 1])
    assert np.array_equal(recorder.link_totals, [0 * expected, expected])
    assert not recorder.loads.any()


def test_runs_of_unknown_length_are_counted_in_total():
    """On a mesh of any size, with counters beside the usual ones; sums go on after each block."""
    chip = mesh_of(4)
    mesh = Mesh(chip.width, chip.height)
    box = Box.around(mesh, np.array([0, 40]))
    recorder = MeshRecorder(SerialComm(), chip, box, IN_TOTAL, 1, extra=SPIKE_COUNTERS)
    for n in (1, 2):
        count_packets(1, np.array([0, 0]), box.number_of(np.array([3, 40])), recorder.differences)
        recorder.extra[0, box.number_of(np.array([40]))] += 5
        recorder.finish_block(1)
        expected = n * link_loads(mesh, [0, 0], [3, 40], [1, 1])
        assert np.array_equal(recorder.link_totals, [0 * expected, expected])
        spikes = recorder.core_totals()["spikes"]
        assert (spikes[40], spikes.sum()) == (5 * n, 5 * n)
        assert not recorder.extra.any()
    assert not any(values.size > 1 for values in recorder.of_steps(1).values())
