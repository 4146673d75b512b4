"""A program that leaves objects open in a given manner, ENDING; rank 0 ends late and writes a file."""

import sys
import time
from pathlib import Path

import numpy as np

from distsnn.comm import run_program, start
from distsnn.core.rank import Rank
from distsnn.errors import DistsnnError
from distsnn.network import FixedInDegree, Network
from distsnn.neurons import LifDelta
from distsnn.player import Player, Recording
from distsnn.simulation import Settings, simulate
from distsnn.stimuli import SpikeSource

LATE_S = 1.5  # longer than the grace period of a rank that ends


def network():
    net = Network(dt_ms=1.0, seed=1)
    lines = net.population("lines", 8, SpikeSource([], [], n_sources=8))
    a = net.population("a", 300, LifDelta())
    net.connect(lines, a, FixedInDegree(3), weight=30.0, delay_ms=1.0)
    net.connect(a, a, FixedInDegree(10), weight=0.1, delay_ms=100.0)  # longer than a chip's delays
    return net


def strict(comm):
    caught = 0
    for action in (run_strict, play_strict):
        try:
            action(comm)
        except DistsnnError:
            caught += 1
    assert caught == 2


def run_strict(comm):
    simulate(network(), duration_ms=5.0, strict=True, neurons_per_core=150, comm=comm)


def play_strict(comm):
    player(comm, strict=True)


def player(comm, **more):
    settings = Settings(neurons_per_core=150, **more)
    return Player(network(), "lines", n_steps=50, most_input=8, settings=settings, comm=comm)


def unfinished(comm):
    """Two players that are not finished: one is kept to the end of the program, one is not."""
    global kept
    recording = Recording(np.arange(8), np.arange(8), 20)
    kept = player(comm)
    kept.play([recording])
    player(comm).play([recording])


def building(comm):
    """Memory for a rank is missing on all ranks alike."""

    def without_memory(*_):
        raise MemoryError

    Rank._bind_deliver = without_memory
    try:
        simulate(network(), duration_ms=5.0, comm=comm)
    except MemoryError:
        return
    raise AssertionError("an error was expected")


def refused(comm):
    """A player that has refused a recording is unchanged."""
    with player(comm) as own_player:
        for wrong in (Recording([0], [9], 5), Recording([0], [0], 500)):
            try:
                own_player.play([wrong])
            except DistsnnError:
                continue
            raise AssertionError("an error was expected")
        try:
            own_player.play([Recording([comm.rank], [0], 5)])  # another one on each rank
        except DistsnnError:
            own_player.play([Recording([0], [0], 5)])
            return
    raise AssertionError("an error was expected")


def main() -> int:
    comm = start()
    globals()[sys.argv[1]](comm)
    if comm.rank == 0:
        time.sleep(LATE_S)
        Path(sys.argv[2]).write_text("whole")
    return 0


if __name__ == "__main__":
    raise SystemExit(run_program(main))
