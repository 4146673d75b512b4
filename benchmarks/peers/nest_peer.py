"""The benchmark networks in NEST, for the side-by-side comparison; run by ``compare.py``.

    python nest_peer.py microcircuit --scale 0.1 --window 500 --threads 2

Sizes, weights and rates are those of the distsnn networks, written down here a second time in NEST's
words so that the two stay independent.
"""

from __future__ import annotations

import math
import time
from typing import Any

import nest
from published import EXTERNAL, NAMES, PROBABILITY, PSC_PA, SIZES, V0_MEAN, V0_SD
from serving import Answer, options, serve


def microcircuit(scale: float) -> list[tuple[str, Any]]:
    """Potjans & Diesmann 2014; two synapse models, as one cannot hold it on two threads."""
    parameters = {
        "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "C_m": 250.0, "tau_m": 10.0,
        "tau_syn_ex": 0.5, "tau_syn_in": 0.5, "t_ref": 2.0,
    }  # fmt: skip
    nest.CopyModel("static_synapse", "from_e")
    nest.CopyModel("static_synapse", "from_i")
    populations = []
    for name, size, external, mean, sd in zip(NAMES, SIZES, EXTERNAL, V0_MEAN, V0_SD, strict=True):
        cells = nest.Create("iaf_psc_exp", round(size * scale), parameters)
        cells.V_m = nest.random.normal(mean, sd)
        noise = nest.Create("poisson_generator", params={"rate": 8.0 * external})
        nest.Connect(noise, cells, syn_spec={"weight": PSC_PA, "delay": 0.1})
        populations.append((name, cells))
    for i, (_, target) in enumerate(populations):
        for j, (_, source) in enumerate(populations):
            if PROBABILITY[i][j]:
                full = math.log(1 - PROBABILITY[i][j]) / math.log(1 - 1 / (SIZES[i] * SIZES[j]))
                _connect(source, target, round(full * scale), j, (i, j) == (0, 2))
    return populations


def _connect(source: Any, target: Any, n: int, j: int, doubled: bool) -> None:
    is_inhibitory = j % 2 == 1
    weight = PSC_PA * (2 if doubled else 1) * (-4 if is_inhibitory else 1)
    delay = 0.75 if is_inhibitory else 1.5
    nest.Connect(
        source,
        target,
        {"rule": "fixed_total_number", "N": n},
        {
            "synapse_model": "from_i" if is_inhibitory else "from_e",
            "weight": nest.random.normal(weight, 0.1 * abs(weight)),
            "delay": nest.math.redraw(nest.random.normal(delay, 0.5 * delay), 0.1, 1e9),
        },
    )


def brunel(scale: float) -> list[tuple[str, Any]]:
    """Brunel 2000, g 5, eta 2; an own Poisson train for each neuron."""
    n_e, n_i = round(10000 * scale), round(2500 * scale)
    parameters = {
        "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "tau_m": 20.0, "C_m": 250.0, "t_ref": 2.0,
        "V_m": 0.0,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_delta", n_e, parameters)
    inh = nest.Create("iaf_psc_delta", n_i, parameters)
    c_e, c_i, j_mv = round(1000 * scale), round(250 * scale), 0.1 / scale
    noise = nest.Create("poisson_generator", params={"rate": 2.0 * 1000 * 10.0})
    both = exc + inh
    nest.Connect(noise, both, syn_spec={"weight": 0.1, "delay": 1.5})
    for source, n, weight in ((exc, c_e, j_mv), (inh, c_i, -5.0 * j_mv)):
        rule = {"rule": "fixed_indegree", "indegree": n}
        nest.Connect(source, both, rule, {"weight": weight, "delay": 1.5})
    return [("exc", exc), ("inh", inh)]


def cuba(scale: float) -> list[tuple[str, Any]]:
    """The CUBA benchmark of Brette et al. 2007 (4,000 cells)."""
    parameters = {
        "E_L": -49.0, "V_th": -50.0, "V_reset": -60.0, "tau_m": 20.0, "C_m": 200.0,
        "tau_syn_ex": 5.0, "tau_syn_in": 10.0, "t_ref": 5.0,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_exp", round(3200 * scale), parameters)
    inh = nest.Create("iaf_psc_exp", round(800 * scale), parameters)
    both = exc + inh
    both.V_m = nest.random.uniform(-60.0, -50.0)
    rule = {"rule": "pairwise_bernoulli", "p": 0.02}
    nest.Connect(exc, both, rule, {"weight": 16.2, "delay": 0.1})
    nest.Connect(inh, both, rule, {"weight": -139.5, "delay": 0.1})
    return [("exc", exc), ("inh", inh)]


def loihi(scale: float) -> list[tuple[str, Any]]:
    """128 patches of 820 + 204 cells: own inhibition, excitation of the own and three others."""
    n_e, n_i, k_e, k_i = (round(one * scale) for one in (820, 204, 195, 197))
    weight = 6.0 / math.sqrt(scale)
    missing = ((4 * 195 - 197 * 8.0) * 6.0 - (4 * k_e - k_i * 8.0) * weight) * 10.0 * 1e-3 * 2.0
    parameters = {
        "E_L": -65.0, "V_th": -50.0, "V_reset": -65.0, "C_m": 250.0, "tau_m": 20.0,
        "tau_syn_ex": 2.0, "tau_syn_in": 2.0, "t_ref": 2.0, "I_e": missing,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_exp", PATCHES * n_e, parameters)
    inh = nest.Create("iaf_psc_exp", PATCHES * n_i, parameters)
    noise = nest.Create("poisson_generator", params={"rate": 300.0})
    for cells, n in ((exc, n_e), (inh, n_i)):
        cells.V_m = nest.random.uniform(-65.0, -50.0)
        nest.Connect(noise, cells, syn_spec={"weight": 370.0, "delay": 1.0})
        for patch in range(PATCHES):
            target = cells[patch * n : (patch + 1) * n]
            for step in (0, -1, 1, 37):
                delays = (1.0, 3.0) if step == 0 else (4.0, 8.0)
                _from_patch(exc, n_e, (patch + step) % PATCHES, target, k_e, weight, delays)
            _from_patch(inh, n_i, patch, target, k_i, -8.0 * weight, (1.0, 3.0))
    return [("exc", exc), ("inh", inh)]


def _from_patch(
    cells: Any, n: int, patch: int, target: Any, k: int, weight: float, delays: tuple[float, float]
) -> None:
    nest.Connect(
        cells[patch * n : (patch + 1) * n],
        target,
        {"rule": "fixed_indegree", "indegree": k},
        {"weight": weight, "delay": nest.random.uniform(*delays)},
    )


PATCHES = 128
NETWORKS = {"microcircuit": microcircuit, "brunel": brunel, "cuba": cuba, "loihi": loihi}
DT_MS = {"loihi": 1.0}


def main() -> None:
    """Build and warm up; then simulate windows of the given length."""
    asked = options()
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.SetKernelStatus(
        {
            "local_num_threads": asked.threads,
            "resolution": DT_MS.get(asked.network, 0.1),
            "rng_seed": asked.seed,
        }
    )
    counted: list[tuple[str, int, Any]] = []

    def build() -> Answer:
        for name, cells in NETWORKS[asked.network](asked.scale):
            recorder = nest.Create("spike_recorder", params={"start": asked.warm_up})
            nest.Connect(cells, recorder)
            counted.append((name, len(cells), recorder))
        nest.Prepare()
        return {
            "simulator": f"NEST {nest.__version__}",
            "n_synapses": int(nest.GetKernelStatus("num_connections")),
        }

    def window() -> Answer:
        if not done:
            nest.Run(asked.warm_up)
        before = [recorder.n_events for _, _, recorder in counted]
        start = time.perf_counter()
        nest.Run(asked.window)
        seconds = time.perf_counter() - start
        done.append(seconds)
        return {
            "simulate_s": seconds,
            "rates_hz": {
                name: (recorder.n_events - was) / n / asked.window * 1e3
                for (name, n, recorder), was in zip(counted, before, strict=True)
            },
        }

    done: list[float] = []
    serve(build, window)


if __name__ == "__main__":
    main()
