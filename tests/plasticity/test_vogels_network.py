"""The example of balanced inhibition: what the paper shows, and the same bits on other cores."""

from __future__ import annotations

import runpy
from pathlib import Path

from distsnn import Simulation

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "vogels_sprekeler.py"


def test_fast_regular_firing_becomes_slow_and_irregular():
    build = runpy.run_path(str(EXAMPLE))["build"]
    digests = []
    for options in ({}, {"neurons_per_core": 100}):
        net, learned = build(scale=0.1)
        with Simulation(net, **options) as sim:
            sim.learning(False)
            before = sim.run(200.0).result().statistics("exc")
            assert before.rate_hz > 150.0
            assert before.cv_isi < 0.05
            assert not sim.weights(learned).any()
            sim.clear()
            sim.learning(True)
            sim.run(1300.0)
            sim.clear()
            result = sim.run(700.0).result()
            after = result.statistics("exc")
            assert after.rate_hz < 30.0
            assert after.cv_isi > 0.5
            assert 1.0 < sim.weights(learned).mean() < 2.0
            digests.append(result.digest)
    assert digests[0] == digests[1]
