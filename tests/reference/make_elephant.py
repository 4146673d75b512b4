"""Write elephant.json: rate, irregularity and synchrony of random trains by Elephant.

Run with an interpreter that has Elephant (1.2.1 was used): ``python make_elephant.py``. The tests read
the file, so that they need no Elephant. A spike in step k has the time (k + 0.5) dt.
"""

from __future__ import annotations

import json
from pathlib import Path

import elephant
import neo
import numpy as np
import quantities as pq
from elephant import statistics

CASES = ((12, 2000, 0.5, 15.0), (30, 900, 1.0, 40.0), (5, 4000, 0.1, 60.0))
BIN_MS = 3.0


def case(rng, n_neurons, n_steps, dt_ms, rate_hz):
    """Return trains of one population, by step and neuron, and their statistics."""
    step, neuron = np.nonzero(rng.random((n_steps, n_neurons)) < rate_hz * dt_ms * 1e-3)
    trains = [
        neo.SpikeTrain((step[neuron == k] + 0.5) * dt_ms * pq.ms, t_stop=n_steps * dt_ms * pq.ms)
        for k in range(n_neurons)
    ]
    rates = [float(statistics.mean_firing_rate(train).rescale("Hz")) for train in trains]
    cvs = [float(statistics.cv(statistics.isi(train))) for train in trains if len(train) > 2]
    counts = statistics.time_histogram(trains, bin_size=BIN_MS * pq.ms, output="counts")
    counts = counts.magnitude.ravel()[: int(n_steps * dt_ms // BIN_MS)]  # whole bins
    return {
        "n_neurons": n_neurons, "n_steps": n_steps, "dt_ms": dt_ms,
        "step": step.tolist(), "neuron": neuron.tolist(), "rate_hz": float(np.mean(rates)),
        "cv_isi": float(np.mean(cvs)), "synchrony": float(counts.var() / counts.mean()),
    }  # fmt: skip


if __name__ == "__main__":
    rng = np.random.default_rng(20)
    made = {"elephant": elephant.__version__, "cases": [case(rng, *numbers) for numbers in CASES]}
    Path(__file__).with_name("elephant.json").write_text(json.dumps(made, separators=(",", ":")))
