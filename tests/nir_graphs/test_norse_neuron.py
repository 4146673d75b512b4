"""One LIF neuron exported by Norse, against the exact solution of its equation.

The graph and the input are those of the NIR paper's first experiment: Affine 1, LIF with tau 2.5 ms and
threshold 0.1, 34 input spikes of 0.1 ms. An input that lasts from t to t + h adds 1 - exp(-h / tau).
"""

from __future__ import annotations

import math

import numpy as np
import pytest

nir_package = pytest.importorskip("nir", reason="needs the package nir, which makes the graph")

from distsnn import nir  # noqa: E402
from distsnn.player import Recording  # noqa: E402

TAU_MS, DT_MS, THRESHOLD = 2.5, 0.1, 0.1
INPUT = [
    60, 220, 270, 310, 320, 350, 370, 400, 410, 430, 440, 450, 460, 470, 480, 490, 500, 510, 520,
    530, 670, 680, 690, 700, 710, 720, 730, 740, 750, 760, 770, 780, 840, 850,
]  # fmt: skip
SPIKES = [460, 510, 710, 760]  # of the exact solution


def load_neuron(tmp_path, method):
    nodes = {
        "input": nir_package.Input({"input": np.array([1])}),
        "0": nir_package.Affine(np.ones((1, 1), np.float32), np.zeros(1, np.float32)),
        "1": nir_package.LIF(
            *(np.array([value], np.float32) for value in (TAU_MS * 1e-3, 1.0, 0.0, THRESHOLD, 0.0))
        ),
        "output": nir_package.Output({"output": np.array([1])}),
    }
    edges = [("input", "0"), ("0", "1"), ("1", "output")]
    nir_package.write(str(tmp_path / "lif.nir"), nir_package.NIRGraph(nodes, edges))
    return nir.load(tmp_path / "lif.nir", dt_ms=DT_MS, method=method)


@pytest.mark.parametrize("method", ["exact", "euler"])
def test_spikes_of_the_exact_solution(tmp_path, method):
    network = load_neuron(tmp_path, method)
    recording = Recording(INPUT, np.zeros(len(INPUT), np.int64), 1000)
    played = nir.run(network, [recording])
    ideal = nir.ideal_outputs(network.ideal, [recording])
    assert played.outputs.trains[0][0].tolist() == SPIKES
    assert ideal.trains[0][0].tolist() == SPIKES


def test_exact_steps_follow_the_closed_form(tmp_path):
    """v(t) = sum over inputs of (1 - exp(-h / tau)) exp(-(t - t_k) / tau), up to the first spike."""
    network = load_neuron(tmp_path, "exact").network
    network.record("1", "v")
    from distsnn import Settings, start
    from distsnn.player import Player

    recording = Recording(INPUT, np.zeros(len(INPUT), np.int64), SPIKES[0] + 1)
    with Player(
        network, "input", n_steps=1000, most_input=1, settings=Settings(), comm=start()
    ) as player:
        response = player.play([recording])[0]
    v = np.ravel(response.traces["1", "v"][1])[1:]  # the layer runs one step behind the input
    t = np.arange(SPIKES[0])
    jump = -math.expm1(-DT_MS / TAU_MS)
    wanted = sum(np.where(t >= k, jump * np.exp(-(t - k) * DT_MS / TAU_MS), 0.0) for k in INPUT)
    np.testing.assert_allclose(v[: SPIKES[0]], wanted, rtol=1e-5, atol=1e-8)
