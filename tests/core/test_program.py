"""Programs of kernels: what they run, where they stop; steps in one call and call by call."""

from __future__ import annotations

import numpy as np
import pytest
from random_networks import random_network

from distsnn import FixedInDegree, LifDelta, Network, Poisson, simulate
from distsnn.core.rank import Rank
from distsnn.core.step_program import StepProgram
from distsnn.errors import KernelError
from distsnn.kernels.packing import announce, clear, count_arrived, is_word
from distsnn.kernels.program import Program


def program_of_flags():
    flags = np.zeros(64, dtype=np.uint32)
    program = Program("rank", "turn", "n", "two", "found", "nothing", "left out", "ns")
    program.values[program.place("two")] = 2
    program.call(announce.bind(flags), ("rank", "turn"), "nothing")
    program.clock("nothing")
    program.call(count_arrived.bind(flags), ("turn", "two"), "n")
    program.call(is_word.bind(flags), ("rank", "turn"), "left out", unless_zero="rank")
    program.repeat(count_arrived.bind(flags), ("turn", "two"), "found", until="two", most=5)
    program.clock("ns")
    return program, flags


@pytest.mark.parametrize("by_python", [False, True])
def test_values_go_from_call_to_call(by_python):
    program, flags = program_of_flags()
    run = program._run_by_python if by_python else program.bind()
    values = program.values
    values[program.place("turn")] = 7
    values[program.place("left out")] = 99
    assert run(0) == 4  # the other flag has not come to turn 7
    assert flags[0] == 7
    assert values[program.place("n")] == 1
    assert values[program.place("left out")] == 0
    flags[16] = 7
    assert run(4) == -1
    assert values[program.place("found")] == 2
    assert values[program.place("n")] == 1  # lines before the first one were not run again
    assert values[program.place("ns")] > 0


@pytest.mark.parametrize("by_python", [False, True])
def test_stops_where_told(by_python):
    counts = np.arange(4, dtype=np.int64)
    program = Program("stop", "nothing")
    line = program.stop_if("stop")
    program.call(clear.bind(counts), (), "nothing")
    run = program._run_by_python if by_python else program.bind()
    program.values[0] = 1
    assert run(0) == line
    assert counts.any()
    program.values[0] = 0
    assert run(0) == -1
    assert not counts.any()


def test_too_many_scalars_are_refused():
    program = Program("a")
    with pytest.raises(KernelError, match="has 7 scalars, limit 6"):
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
    begin = StepProgram.begin
    stopped = []

    def begin_with_more(step, rank, t, *, has_more):
        stopped.append(t)
        begin(step, rank, t, has_more=True)

    monkeypatch.setattr(StepProgram, "begin", begin_with_more)
    other = simulate(random_network(number), duration_ms=30.0)
    assert len(stopped) > 20
    assert other.digest == usual.digest
    assert other.traffic_digest == usual.traffic_digest
    assert other.seconds["update"] > 0.0


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
