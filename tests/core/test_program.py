"""Programs of kernels: what they run, where they stop; steps in one call and call by call."""

from __future__ import annotations

from time import sleep

import numpy as np
import pytest
from random_networks import random_network

from distsnn import FixedInDegree, LifDelta, Network, Poisson, Settings, load_chip, simulate
from distsnn.comm.serial import SerialComm
from distsnn.core.plastic.synapses import PlasticSynapses
from distsnn.core.rank import Rank
from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.core.step_program import StepProgram
from distsnn.errors import KernelError
from distsnn.kernels.comm.barrier import (
    FLAG_STRIDE,
    N_WAKE_UP_WORDS,
    arrive,
    have_all_arrived,
    new_barrier,
)
from distsnn.kernels.loop.program import Program
from distsnn.kernels.loop.send import collect_spikes
from distsnn.kernels.loop.steps import NAMES, end_step
from distsnn.running.building import build_rank


@pytest.fixture(params=["compiled", "by Python"])
def bound(request, monkeypatch):
    """Bind a program so that it is run in one of the two ways."""

    def bind(program):
        program.bind()
        if request.param == "by Python":
            program._run = program._run_by_python
        return program.values

    return bind


def barrier_of(n_ranks):
    flags = np.zeros(n_ranks * FLAG_STRIDE, dtype=np.uint32)
    state = new_barrier(0, n_ranks)
    wake_up = np.zeros(N_WAKE_UP_WORDS, dtype=np.uint32)
    return flags, arrive.bind(state, flags, wake_up), have_all_arrived.bind(state, flags)


def test_results_are_the_scalars_of_later_calls(bound):
    words, spikes = np.zeros(8, dtype=np.uint8), np.zeros(16, dtype=np.uint32)
    words[[2, 5]] = 1
    collect = collect_spikes.bind(words, spikes)
    program = Program("before", "n", "twice", "left out", "time")
    program.clock("ignored")
    program.call(collect, ("before",), "n")
    program.call(collect, ("n",), "twice")
    program.call(collect, ("n",), "left out", unless_zero="before")
    program.clock("time")
    values = bound(program)
    values[program.place("left out")] = 99
    program.run()
    assert [values[program.place(name)] for name in ("n", "twice", "left out")] == [2, 4, 0]
    assert spikes[:4].tolist() == [2, 5, 2, 5]
    assert 0 < program.seconds("time") < 1.0


def test_a_call_is_repeated_and_then_left_to_python(bound):
    flags, come, are_here = barrier_of(2)
    program = Program("after")
    asked = []

    def wait():
        asked.append(program.values[program.place("after")])
        flags[FLAG_STRIDE] = 1

    program.call(come)
    program.repeat(are_here, 5, wait)
    program.set("after", 7)
    bound(program)
    program.run()
    assert asked == [0]  # once, before the line after it
    assert program.values[program.place("after")] == 7
    flags[FLAG_STRIDE] = 2
    program.run()
    assert asked == [0]  # the other one is there already


def test_jumps_make_loops(bound):
    program = Program(*NAMES[1:], "skipped")
    for name in ("batch", "window", "rows"):
        program.values[program.place(name)] = 3
    turn = program.call(end_step.bind(program.array))
    over = program.jump_if("t")
    program.set("skipped", 1)
    program.land(over)
    program.jump_if("goes on", to=turn)
    skip = program.jump_unless("goes on")
    program.set("skipped", 2)
    program.land(skip)
    values = bound(program)
    values[program.place("until")] = 1000
    program.run()
    assert values[program.place("t")] == 1000
    assert values[program.place("skipped")] == 0


def test_python_chooses_where_to_go_on(bound):
    counts = []
    program = Program("n", "on")

    def count():
        counts.append(program.values[program.place("n")])
        program.values[program.place("n")] += 1
        return line if len(counts) < 3 else None

    line = program.python(count)
    program.python(lambda: counts.append(-1), unless_zero="on")
    bound(program)
    program.run()
    assert counts == [0, 1, 2]
    program.values[program.place("on")] = 1
    program.run()
    assert counts == [0, 1, 2, 3, -1]


def test_a_line_may_get_other_arrays(bound):
    flags, come, _ = barrier_of(1)
    others, come_there, _ = barrier_of(1)
    program = Program()
    line = program.call(come)
    bound(program)
    program.run()
    program.replace(line, come_there)
    program.run()
    assert (flags[0], others[0]) == (1, 1)


def test_too_many_scalars_are_refused():
    program = Program("a")
    with pytest.raises(KernelError, match="at most 6 scalars, got 7"):
        program.call(lambda *scalars: 0, ("a",) * 7, "a")


def busy_network():
    network = Network(dt_ms=0.1, seed=3)
    cells = network.population("cells", 300, LifDelta())
    network.connect(cells, cells, FixedInDegree(40), weight=0.4, delay_ms=0.3)
    network.stimulate(cells, Poisson(rate_hz=12_000.0, weight=0.2))
    return network


@pytest.mark.parametrize("number", [3, 8, 21])
def test_steps_with_a_part_for_python_give_the_same(number, monkeypatch):
    """Stops of the program that nobody needs change nothing."""
    usual = simulate(random_network(number), duration_ms=30.0)
    learn, steps = PlasticSynapses.learn, []
    monkeypatch.setattr(StepProgram, "__setitem__", keep_flags)

    def noted(plastic, t, n_spikes, row):
        steps.append(t)
        learn(plastic, t, n_spikes, row)

    monkeypatch.setattr(PlasticSynapses, "learn", noted)
    other = simulate(random_network(number), duration_ms=30.0)
    assert steps == list(range(other.n_steps))
    assert other.digest == usual.digest
    assert other.traffic_digest == usual.traffic_digest
    assert other.seconds["update"] > 0.0


def keep_flags(step, name, number):
    is_flag = name in ("has plastic", "has given")
    step._values[step._of[name]] = 1 if is_flag else number


@pytest.mark.parametrize("cuts", [[1], [7, 8, 9], list(range(1, 300))])
def test_a_run_in_pieces_is_the_run(cuts):
    whole, pieces = (rank_of(busy_network(), 300) for _ in range(2))
    whole.advance(300)
    for until in [*cuts, 300]:
        pieces.advance(until)
    assert pieces.t == 300
    for a, b in zip(whole.spikes.arrays(), pieces.spikes.arrays(), strict=True):
        assert np.array_equal(a, b)
    assert np.array_equal(whole.ring, pieces.ring)
    assert np.array_equal(whole.mesh.link_totals, pieces.mesh.link_totals)


def rank_of(network, n_steps):
    return build_rank(network, n_steps, load_chip("loihi"), Settings(), SerialComm())


def test_a_spike_record_that_is_too_small_grows(monkeypatch):
    usual = simulate(busy_network(), duration_ms=60.0)
    bind, blocks = SpikeRecorder.bind, []

    def small(recorder, spikes):
        if not blocks:
            recorder._block = np.empty(3, dtype=np.uint32)
        blocks.append(recorder)
        return bind(recorder, spikes)

    monkeypatch.setattr(SpikeRecorder, "bind", small)
    grown = simulate(busy_network(), duration_ms=60.0)
    assert len(blocks) > 10
    assert grown.digest == usual.digest
    assert np.array_equal(grown.spikes_all.gid, usual.spikes_all.gid)


def test_a_calendar_that_is_too_small_grows(monkeypatch):
    usual = simulate(busy_network(), duration_ms=60.0)
    bind = Rank._bind_deliver
    rooms = []

    def small_at_first(rank, room):
        rooms.append(room)
        bind(rank, 2 if len(rooms) == 1 else room)

    monkeypatch.setattr(Rank, "_bind_deliver", small_at_first)
    grown = simulate(busy_network(), duration_ms=60.0)
    assert len(rooms) > 1
    assert grown.digest == usual.digest


def test_clocks_tell_seconds():
    program = Program("slept")
    program.clock("ignored")
    program.python(lambda: sleep(0.2))
    program.clock("slept")
    program.bind()
    program.run()
    assert program.seconds("slept") == pytest.approx(0.2, rel=0.2)
