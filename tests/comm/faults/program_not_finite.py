"""Neurons of the last core, so of the last rank, get states that are not finite."""

from __future__ import annotations

import sys

from distsnn.comm import run_program
from distsnn.network import Network
from distsnn.neurons import LifCondExp
from distsnn.simulation import simulate
from distsnn.stimuli import Poisson


def main() -> int:
    """Run until that is noticed. Collective."""
    net = Network(dt_ms=0.1)
    net.population("sound", 8 * 15, LifCondExp())
    net.population("broken", 8, LifCondExp())
    net.stimulate("broken", Poisson(90_000.0, 9e36))
    simulate(net, duration_ms=1e4, neurons_per_core=8)
    return 0


if __name__ == "__main__":
    sys.exit(run_program(main))
