"""The network of docs/examples/vogels_sprekeler.py in Brian2 (C++ standalone, one thread).

    python vogels_brian2.py --scale 1 --seconds 10 --seed 1

Prints as JSON the rate, the CV of intervals and the mean inhibitory weight of each second; nothing is
learned in the first. Run by ``benchmarks/accuracy/balance.py``.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile

import brian2 as b2
import numpy as np
from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    SpikeMonitor,
    StateMonitor,
    Synapses,
    ms,
    mV,
    nS,
    pA,
    pF,
)

CELLS = """
dv/dt = (g_l*(e_l - v) + g_e*(0*mV - v) + g_i*(e_i - v) + i_offset) / c_m : volt (unless refractory)
dg_e/dt = -g_e / (5*ms) : siemens
dg_i/dt = -g_i / (10*ms) : siemens
"""
LEARNING = """
w : 1
dr/dt = -r / tau : 1 (event-driven)
do/dt = -o / tau : 1 (event-driven)
"""
ON_PRE = "w = clip(w + eta*(o - alpha), 0, w_max); r += 1; g_i += w*nS"
ON_POST = "w = clip(w + eta*r, 0, w_max); o += 1"


def cv_of(times: np.ndarray, neurons: np.ndarray) -> float:
    """Return the mean CV of the intervals of neurons with at least 3 spikes."""
    order = np.lexsort((times, neurons))
    trains = np.split(times[order], np.flatnonzero(np.diff(neurons[order])) + 1)
    intervals = [np.diff(train) for train in trains if train.size >= 3]
    return float(np.mean([part.std() / part.mean() for part in intervals])) if intervals else 0.0


def build(scale: float, seed: int) -> tuple[Network, Synapses, SpikeMonitor, StateMonitor]:
    """Return the network, the synapses that learn, the spikes, and the weights every second."""
    n_exc, n_inh = round(8000 * scale), round(2000 * scale)
    names = {
        "g_l": 10 * nS,
        "e_l": -60 * mV,
        "e_i": -80 * mV,
        "i_offset": 200 * pA,
        "c_m": 200 * pF,
    }
    cells = NeuronGroup(
        n_exc + n_inh, CELLS, threshold="v >= -50*mV", reset="v = e_l",
        refractory=5.1 * ms,  # holds a neuron for 50 steps, as 5 ms do elsewhere
        method="rk4", namespace=names,
    )  # fmt: skip
    cells.v = "-60*mV + 10*mV*rand()"
    exc, inh = cells[:n_exc], cells[n_exc:]
    from_exc = Synapses(exc, cells, on_pre="g_e += 0.3*nS", delay=0.1 * ms)
    from_inh = Synapses(inh, inh, on_pre="g_i += 3*nS", delay=0.1 * ms)
    rule = {"tau": 20 * ms, "alpha": 2 * 3 * Hz * 20 * ms, "w_max": 100}
    learned = Synapses(inh, exc, LEARNING, on_pre=ON_PRE, on_post=ON_POST, delay=0.1 * ms,
                       namespace=rule)  # fmt: skip
    share = min(1.0, 0.02 / scale)
    from_exc.connect(p=share)
    from_inh.connect(p=share)
    # drawn here, so that their number is known to the monitor of weights
    pre, post = np.nonzero(np.random.default_rng(seed).random((n_inh, n_exc)) < share)
    learned.connect(i=pre, j=post)
    spikes = SpikeMonitor(exc)
    weights = StateMonitor(learned, "w", record=np.arange(pre.size), dt=1000 * ms)
    network = Network(cells, from_exc, from_inh, learned, spikes, weights)
    return network, learned, spikes, weights


def main() -> None:
    """Compile the program, run it, and print what it gave."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="brian2-")
    b2.set_device("cpp_standalone", build_on_run=False, directory=folder)
    b2.defaultclock.dt = 0.1 * ms
    b2.seed(options.seed)
    network, learned, spikes, weights = build(options.scale, options.seed)
    network.run(1000 * ms, namespace={"eta": 0.0})
    network.run(options.seconds * 1000 * ms, namespace={"eta": 0.01})
    try:
        b2.device.build(directory=folder, compile=True, run=True)
        times, neurons = np.array(spikes.t / ms), np.array(spikes.i)
        # samples at 0, 1, 2, ... s; the last one is read at the end
        means = [*np.array(weights.w).mean(axis=0)[1:], np.mean(learned.w)]
        rows = []
        for second in range(options.seconds + 1):
            chosen = (times >= 1000 * second) & (times < 1000 * (second + 1))
            cv = cv_of(times[chosen], neurons[chosen])
            rows.append([float(chosen.sum()) / spikes.source.N, cv, float(means[second])])
        print(json.dumps(rows))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
