"""The benchmark networks in Brian2 (C++ standalone, OpenMP); run by ``compare.py``.

    python brian2_peer.py brunel --window 1000 --threads 2

The program is compiled once; every window runs it anew: its synapses, the warm-up, the window, whose
time Brian2 measures itself. Set-up and compiling are told apart. ``float32`` as in distsnn.
"""

from __future__ import annotations

import math
import subprocess
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import brian2 as b2
import numpy as np
from brian2 import Hz, Mohm, NeuronGroup, PoissonInput, SpikeMonitor, Synapses, ms, mV, pA
from published import EXTERNAL, NAMES, PROBABILITY, PSC_PA, SIZES, V0_MEAN, V0_SD
from serving import Answer, options, serve

CURRENT = """
dv/dt = (e_l - v + r_m * (i_e + i_i)) / tau_m : volt (unless refractory)
di_e/dt = -i_e / tau_e : amp
di_i/dt = -i_i / tau_i : amp
"""
Populations = list[tuple[str, Any]]


def _cells(n: int, names: dict[str, Any], t_ref: float) -> Any:
    reset = "v = v_reset"
    return NeuronGroup(
        n, CURRENT, threshold="v >= v_th", reset=reset, refractory=t_ref * ms, method="exact",
        namespace=names,
    )  # fmt: skip


def cuba(scale: float, keep: list[Any]) -> Populations:
    """The CUBA benchmark of Brette et al. 2007 (4,000 cells)."""
    names = {
        "e_l": -49 * mV, "v_th": -50 * mV, "v_reset": -60 * mV, "tau_m": 20 * ms,
        "tau_e": 5 * ms, "tau_i": 10 * ms, "r_m": 100 * Mohm,
    }  # fmt: skip
    n_e, n_i = round(3200 * scale), round(800 * scale)
    cells = _cells(n_e + n_i, names, 5.0)
    cells.v = "-60*mV + 10*mV*rand()"
    exc, inh = cells[:n_e], cells[n_e:]
    for source, on_pre in ((exc, "i_e += 16.2*pA"), (inh, "i_i -= 139.5*pA")):
        synapses = Synapses(source, cells, on_pre=on_pre, delay=0.1 * ms)
        synapses.connect(p=0.02)
        keep.append(synapses)
    keep.append(cells)
    return [("exc", exc), ("inh", inh)]


def brunel(scale: float, keep: list[Any]) -> Populations:
    """Brunel 2000, g 5, eta 2; an own Poisson train for each neuron."""
    n_e, n_i = round(10000 * scale), round(2500 * scale)
    cells = NeuronGroup(
        n_e + n_i, "dv/dt = -v / (20*ms) : volt (unless refractory)", threshold="v >= 20*mV",
        reset="v = 10*mV", refractory=2 * ms, method="exact",
    )  # fmt: skip
    exc, inh = cells[:n_e], cells[n_e:]
    for source, n, k, weight in ((exc, n_e, 1000, 0.1), (inh, n_i, 250, -0.5)):
        synapses = Synapses(source, cells, on_pre=f"v_post += {weight}*mV", delay=1.5 * ms)
        _in_degree(synapses, n, n_e + n_i, k)
        keep.append(synapses)
    keep.append(PoissonInput(cells, "v", 1000, 20 * Hz, weight=0.1 * mV))
    keep.append(cells)
    return [("exc", exc), ("inh", inh)]


def _in_degree(synapses: Any, n_sources: int, n_targets: int, k: int) -> None:
    rng = np.random.default_rng(1)
    sources = rng.integers(0, n_sources, n_targets * k)
    synapses.connect(i=sources, j=np.repeat(np.arange(n_targets), k))


def microcircuit(scale: float, keep: list[Any]) -> Populations:
    """Potjans & Diesmann 2014 with a fixed total number of synapses for each projection."""
    rng = np.random.default_rng(1)
    names = {
        "e_l": -65 * mV, "v_th": -50 * mV, "v_reset": -65 * mV, "tau_m": 10 * ms,
        "tau_e": 0.5 * ms, "tau_i": 0.5 * ms, "r_m": 40 * Mohm,
    }  # fmt: skip
    sizes = [round(size * scale) for size in SIZES]
    starts = np.cumsum([0, *sizes])
    cells = _cells(int(starts[-1]), names, 2.0)
    views = [cells[int(a) : int(b)] for a, b in pairwise(starts)]
    for view, mean, sd, external in zip(views, V0_MEAN, V0_SD, EXTERNAL, strict=True):
        view.v = f"{mean}*mV + {sd}*mV*randn()"
        keep.append(PoissonInput(view, "i_e", external, 8 * Hz, weight=PSC_PA * pA))
    for inhibitory in (False, True):
        parts = _projections(rng, sizes, starts, scale, inhibitory)
        variable = "i_i" if inhibitory else "i_e"
        synapses = Synapses(cells, cells, "w : amp (constant)", on_pre=f"{variable}_post += w")
        synapses.connect(i=np.concatenate(parts[0]), j=np.concatenate(parts[1]))
        synapses.w = np.concatenate(parts[2]) * pA
        synapses.delay = np.concatenate(parts[3]) * ms
        keep.append(synapses)
    keep.append(cells)
    return list(zip(NAMES, views, strict=True))


def _projections(
    rng: Any, sizes: list[int], starts: Any, scale: float, inhibitory: bool
) -> tuple[list[Any], ...]:
    parts: tuple[list[Any], ...] = ([], [], [], [])
    for i in range(8):
        for j in range(int(inhibitory), 8, 2):
            if not PROBABILITY[i][j]:
                continue
            full = math.log(1 - PROBABILITY[i][j]) / math.log(1 - 1 / (SIZES[i] * SIZES[j]))
            n = round(full * scale)
            weight = PSC_PA * (2 if (i, j) == (0, 2) else 1) * (-4 if inhibitory else 1)
            delay = 0.75 if inhibitory else 1.5
            drawn = rng.normal(delay, 0.5 * delay, n)
            while (below := drawn < 0.1).any():
                drawn[below] = rng.normal(delay, 0.5 * delay, int(below.sum()))
            parts[0].append(rng.integers(starts[j], starts[j] + sizes[j], n, dtype=np.int32))
            parts[1].append(rng.integers(starts[i], starts[i] + sizes[i], n, dtype=np.int32))
            parts[2].append(rng.normal(weight, 0.1 * abs(weight), n).astype(np.float32))
            parts[3].append(drawn.astype(np.float32))
    return parts


NETWORKS = {"cuba": cuba, "brunel": brunel, "microcircuit": microcircuit}


def main() -> None:
    """Write and compile the program; run it once for each window."""
    asked = options()
    folder = Path(tempfile.mkdtemp(prefix="brian2-"))
    b2.set_device("cpp_standalone", build_on_run=False, directory=str(folder))
    b2.prefs.devices.cpp_standalone.openmp_threads = asked.threads
    b2.prefs.core.default_float_dtype = np.float32
    b2.defaultclock.dt = 0.1 * ms
    b2.seed(asked.seed)
    counted: list[tuple[str, int, Any]] = []

    def build() -> Answer:
        start = time.perf_counter()
        keep: list[Any] = []
        populations = NETWORKS[asked.network](asked.scale, keep)
        for name, cells in populations:
            counted.append((name, len(cells), SpikeMonitor(cells, record=False)))
        network = b2.Network(*keep, *(monitor for _, _, monitor in counted))
        network.run(asked.warm_up * ms)
        for _, _, monitor in counted:
            monitor.active = False
        late = [SpikeMonitor(cells, record=False) for _, cells in populations]
        network.add(*late)
        network.run(asked.window * ms)
        counted[:] = [(name, n, one) for (name, n, _), one in zip(counted, late, strict=True)]
        written = time.perf_counter()
        b2.device.build(directory=str(folder), compile=True, run=False)
        return {
            "simulator": f"Brian2 {b2.__version__}",
            "set_up_s": written - start,
            "compile_s": time.perf_counter() - written,
        }

    def window() -> Answer:
        start = time.perf_counter()
        b2.device.run(str(folder), with_output=False, run_args=[])
        whole = time.perf_counter() - start
        seconds = float(b2.device._last_run_time)
        return {
            "simulate_s": seconds,
            "whole_run_s": whole,
            "rates_hz": {
                name: monitor.num_spikes / n / asked.window * 1e3 for name, n, monitor in counted
            },
        }

    try:
        serve(build, window)
    finally:
        subprocess.run(["rm", "-rf", str(folder)], check=False)


if __name__ == "__main__":
    main()
