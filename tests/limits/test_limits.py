"""Every limit that a user can meet: told as it is, right at it, one line past it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.chip.schema import GRID, MAX_SIDE
from distsnn.core.delivery import layout, synapse_table
from distsnn.core.delivery.layout import RingLayout
from distsnn.errors import CapacityError, ChipError, DistsnnError, InputFileError, NetworkError
from distsnn.events import recording
from distsnn.kernels import formats
from distsnn.network import (
    AllToAll,
    ExplicitList,
    FixedInDegree,
    FixedTotalNumber,
    Network,
    Uniform,
    checks,
)
from distsnn.network.weights import rungs
from distsnn.neurons import LifDelta, LifExp, compartments
from distsnn.running.stepping import run_steps_of
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson, SpikeSource, poisson
from distsnn.time_grid import MAX_FLOAT32_STEPS, MAX_RUN_STEPS
from distsnn.traffic import matrix_file, read_matrix_file

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
TOLD = {
    "delay of a synapse or of a modulation": formats.MAX_DELAY_STEPS,
    "steps of a run or of a recording": MAX_RUN_STEPS,
    "neurons of a network": checks.MAX_NEURONS,
    "synapses onto one neuron": checks.MAX_IN_DEGREE,
    "synapses of one neuron with one delay onto the cores of one ring": formats.MAX_SEGMENT,
    "source neurons that reach one rank": formats.MAX_AXONS,
    "synapses and headers of one rank": formats.MAX_WORDS,
    "cores of one rank": formats.MAX_CORES,
    "sums of one core: neurons times receptors (or lanes of weights)": formats.RING_SIZE,
    "steps between two exchanges": formats.MAX_BATCH,
    "lanes of weights of one receptor": rungs.MAX_LANES,
    "sum of the weights that reach a neuron in one step, in quanta": formats.MAX_SUM,
    "Poisson spikes of one stimulus in one step, mean": poisson.MAX_PER_STEP,
    "refractory time": MAX_FLOAT32_STEPS,
    "cores along one side of a chip": MAX_SIDE,
    "physical fabrics of a chip": GRID["n_fabrics"].high,
    "packets of a traffic matrix": matrix_file.MAX_PACKETS,
    "pixels along one side of an event camera": recording.MAX_PIXELS,
    "compartments of a tree": compartments.MAX_COMPARTMENTS,
}


def test_the_page_tells_every_limit_as_it_is():
    rows = re.findall(r"^\| ([^|]+) \| ([0-9,]+)[^|]* \|", PAGE.read_text(), flags=re.MULTILINE)
    told = {name.strip(): int(number.replace(",", "")) for name, number in rows}
    assert told == {name: int(limit) for name, limit in TOLD.items()}


def refused(error: type[DistsnnError], act, *parts: str) -> None:
    """``act`` fails in one line with all of these parts."""
    with pytest.raises(error) as raised:
        act()
    assert "\n" not in str(raised.value)
    for part in parts:
        assert part in str(raised.value)


def one_source(n_target: int = 1) -> tuple[Network, object, object]:
    network = Network(dt_ms=1.0, seed=1)
    source = network.population("s", 1, SpikeSource([1.0], [0]))
    target = network.population("t", n_target, LifDelta(v_threshold_mv=1e9, tau_m_ms=1e9))
    return network, source, target


def test_neurons():
    network = Network()
    network.population("p", checks.MAX_NEURONS - 5, LifExp())
    refused(NetworkError, lambda: network.population("q", 6, LifExp()), "from 1 to 5, got 6")
    network.population("q", 5, LifExp())


def test_synapses_onto_one_neuron():
    network, source, target = one_source()
    most = checks.MAX_IN_DEGREE
    network.connect(source, target, FixedTotalNumber(most), weight=1.0)
    refused(
        NetworkError,
        lambda: network.connect(source, target, FixedTotalNumber(most + 1), weight=1.0),
        str(most),
    )


@pytest.mark.parametrize("more", [0, 1])
def test_synapses_of_one_segment(more):
    network, source, target = one_source()
    n = formats.MAX_SEGMENT + more
    network.connect(source, target, FixedTotalNumber(n), weight=0.5, delay_ms=1.0)
    network.record(target, "v")
    if more:
        refused(CapacityError, lambda: simulate(network, duration_ms=3.0), str(n))
        return
    result = simulate(network, duration_ms=3.0)
    assert result.traces["t", "v"][1][-1] == pytest.approx([0.5 * n], rel=1e-6)


@pytest.mark.parametrize("limit", ["MAX_AXONS", "MAX_WORDS"])
def test_what_one_rank_holds(limit, monkeypatch):
    """The real limits take gigabytes; here the same checks have small ones."""
    network = Network(seed=1)
    cells = network.population("c", 40, LifExp())
    network.connect(cells, cells, AllToAll(), weight=1.0)
    needed = {"MAX_AXONS": 40, "MAX_WORDS": 1600 + 40}[limit]
    monkeypatch.setattr(synapse_table, limit, needed)
    simulate(network, duration_ms=0.2)
    monkeypatch.setattr(synapse_table, limit, needed - 1)
    refused(CapacityError, lambda: simulate(network, duration_ms=0.2), "Use more ranks")


def test_cores_of_one_rank():
    RingLayout.choose(3, 2, formats.MAX_CORES, 10)
    refused(
        CapacityError, lambda: RingLayout.choose(3, 2, formats.MAX_CORES + 1, 10),
        str(formats.MAX_CORES),
    )  # fmt: skip


@pytest.mark.parametrize("n_lanes", [1, 2, 16])
def test_sums_of_one_core(n_lanes):
    lane_bits = (n_lanes - 1).bit_length()
    fits = formats.RING_BITS - lane_bits
    found = layout.RingLayout.choose(fits, n_lanes, 1, 100)
    assert found.ring_size == formats.RING_SIZE
    refused(CapacityError, lambda: RingLayout.choose(fits + 1, n_lanes, 1, 100), "neurons_per_core")


def test_lanes_that_a_core_has_no_room_for(tmp_path):
    """A list over 24 decades needs 16 lanes of one receptor, more than a core of 8,192 neurons has."""
    path = tmp_path / "chip.toml"
    path.write_text(chip_text(width=2, height=2).replace("= 8\n", "= 8192\n"))
    network = Network(seed=1)
    cells = network.population("c", 8192, LifDelta())
    n = 2000
    rule = ExplicitList([0] * n, list(range(n)), np.logspace(-12, 12, n))
    network.connect(cells, cells, rule, delay_ms=0.1)
    simulate(network, duration_ms=0.1, chip=str(path), neurons_per_core=2048)
    refused(
        CapacityError, lambda: simulate(network, duration_ms=0.1, chip=str(path)),
        "lanes of weights", "neurons_per_core",
    )  # fmt: skip


def test_one_exchange_for_64_steps_of_a_longer_delay():
    network = Network(dt_ms=1.0, seed=1)
    cells = network.population("c", 64, LifDelta())
    network.connect(cells, cells, FixedInDegree(3), weight=1.0, delay_ms=200.0)
    result = simulate(network, duration_ms=300.0, neurons_per_core=16)
    assert result.steps_per_exchange == formats.MAX_BATCH


def test_poisson_spikes_of_a_step():
    network = Network(dt_ms=1.0)
    cells = network.population("c", 1, LifExp())
    at = poisson.MAX_PER_STEP * 1e3
    network.stimulate(cells, Poisson(rate_hz=at, weight=1e-3))
    refused(
        NetworkError,
        lambda: network.stimulate(cells, Poisson(rate_hz=1.001 * at, weight=1e-3)), "10000",
    )  # fmt: skip


def test_steps_of_a_run():
    assert run_steps_of(MAX_RUN_STEPS * 0.5, 0.5) == MAX_RUN_STEPS
    refused(DistsnnError, lambda: run_steps_of((MAX_RUN_STEPS + 1) * 0.5, 0.5), str(MAX_RUN_STEPS))


def test_refractory_time():
    network = Network(dt_ms=0.5)
    network.population("a", 1, LifExp(t_ref_ms=0.5 * MAX_FLOAT32_STEPS))
    refused(
        NetworkError,
        lambda: network.population("b", 1, LifExp(t_ref_ms=0.5 * (MAX_FLOAT32_STEPS + 1))),
        str(MAX_FLOAT32_STEPS),
    )


def test_delays_that_are_drawn():
    network = Network(dt_ms=0.5)
    cells = network.population("c", 1, LifExp())
    longest = 0.5 * formats.MAX_DELAY_STEPS
    network.connect(cells, cells, AllToAll(), weight=1.0, delay_ms=Uniform(0.5, longest))
    refused(
        NetworkError,
        lambda: network.connect(
            cells, cells, AllToAll(), weight=1.0, delay_ms=Uniform(0.5, longest + 0.5)
        ),
        f"{formats.MAX_DELAY_STEPS} steps",
    )


def chip_text(**grid: int) -> str:
    lines = "\n".join(f"{name} = {value}" for name, value in grid.items())
    return f"[grid]\n{lines}\n[limits]\nneurons_per_core = 8\n"


@pytest.mark.parametrize(
    ("name", "limit"), [("width", MAX_SIDE), ("n_fabrics", GRID["n_fabrics"].high)]
)
def test_what_a_chip_file_may_say(name, limit, tmp_path):
    path = tmp_path / "chip.toml"
    grid = {"width": 2, "height": 2}
    path.write_text(chip_text(**{**grid, name: limit}))
    assert getattr(load_chip(str(path)), name) == limit
    path.write_text(chip_text(**{**grid, name: limit + 1}))
    refused(ChipError, lambda: load_chip(str(path)), name, str(limit))


def test_packets_of_a_matrix(tmp_path):
    path = tmp_path / "matrix.csv"
    path.write_text(f"0,1,{matrix_file.MAX_PACKETS}\n")
    assert read_matrix_file(path, 4).packets.sum() == matrix_file.MAX_PACKETS
    path.write_text(f"0,1,{matrix_file.MAX_PACKETS}\n1,0,1\n")
    refused(InputFileError, lambda: read_matrix_file(path, 4), "line 2", "packets in all")
