"""Cost of one neuron and step for every model, with NEST's beside it where NEST has the model.

    python benchmarks/speed/update_cost.py [--nest-python PYTHON_WITH_NEST] [--json FILE]

10,000 neurons of one model without synapses, on one process and one thread, with a direct current
and starting values that differ, so that they spike at different times. Measured is what the time
loop spends on updating (recording of spikes included), with and without Poisson input into every
neuron; NEST's figure is the whole of its time loop without input, the fastest of windows of 20 ms.
Of repeats the fastest counts: both get the figure of an undisturbed machine if there is such a time.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from distsnn.network import Network, Uniform
from distsnn.neurons import (
    AdaptiveLif,
    AdEx,
    CompartmentTree,
    IntegrateFire,
    Izhikevich,
    LifAlpha,
    LifCondAlpha,
    LifCondExp,
    LifDelta,
    LifExp,
    LifFloor,
    LoihiCuba,
    LoihiTree,
    PoissonNeuron,
    all_models,
)
from distsnn.simulation import simulate
from distsnn.stimuli import Current, Poisson

N_NEURONS = 10_000
DT_MS = 0.1
DURATION_MS = 200.0
NEST_WINDOW_MS, NEST_WINDOWS = 20.0, 5
# model: instance, direct current, spread of the starting v, weight of a Poisson spike, NEST's model
CASES: dict[str, tuple[Any, float, tuple[float, float], float, str | None]] = {
    "IntegrateFire": (IntegrateFire(), 200.0, (0.0, 20.0), 0.1, None),
    "LifDelta": (LifDelta(), 300.0, (0.0, 20.0), 0.1, "iaf_psc_delta"),
    "LifExp": (LifExp(), 450.0, (-65.0, -50.0), 20.0, "iaf_psc_exp"),
    "LifFloor": (LifFloor(), 18_000.0, (0.0, 13.0), 1.0, None),
    "LifAlpha": (LifAlpha(), 450.0, (-70.0, -55.0), 20.0, "iaf_psc_alpha"),
    "AdaptiveLif": (AdaptiveLif(), 450.0, (-65.0, -50.0), 20.0, None),
    "LifCondExp": (LifCondExp(), 150.0, (-60.0, -50.0), 0.5, "iaf_cond_exp"),
    "LifCondAlpha": (LifCondAlpha(), 350.0, (-70.0, -55.0), 0.5, "iaf_cond_alpha"),
    "AdEx": (AdEx(), 900.0, (-70.0, -52.0), 0.5, "aeif_cond_exp"),
    "Izhikevich": (Izhikevich(), 10.0, (-70.0, -50.0), 0.1, "izhikevich"),
    "CompartmentTree": (CompartmentTree(), 500.0, (-70.0, -55.0), 20.0, None),
    "LoihiCuba": (LoihiCuba(), 250.0, (0.0, 6000.0), 10.0, None),
    "LoihiTree": (LoihiTree(), 250.0, (0.0, 6000.0), 10.0, None),
    "PoissonNeuron": (PoissonNeuron(), 0.0, (0.0, 0.0), 1.0, None),
}
NEST_SCRIPT = """
import json, sys, time, nest
n, dt, duration = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
results = {}
for model, current, low, high in json.loads(sys.argv[4]):
    best = 1e9
    for repeat in range(int(sys.argv[5])):
        nest.ResetKernel()
        nest.verbosity = nest.VerbosityLevel.ERROR
        nest.SetKernelStatus({"resolution": dt, "local_num_threads": 1})
        neurons = nest.Create(model, n, params={"I_e": current})
        neurons.V_m = nest.random.uniform(low, high)
        nest.Simulate(20.0)
        for window in range(int(sys.argv[6])):
            start = time.perf_counter()
            nest.Simulate(duration)
            best = min(best, time.perf_counter() - start)
    results[model] = best / n / (duration / dt) * 1e9
print(json.dumps(results))
"""


def cost(name: str, has_input: bool, repeats: int) -> tuple[float, float]:
    """Return ns per neuron and step, and the rate in Hz."""
    model, current, (low, high), weight, _ = CASES[name]
    best, rate = float("inf"), 0.0
    for _ in range(repeats):
        network = Network(dt_ms=DT_MS, seed=1)
        start = {key: Uniform(low, high) for key in model.states if key in ("v", "v_soma")}
        population = network.population("cells", N_NEURONS, model, initial=start)
        network.stimulate(population, Current(pa=current))
        if has_input:
            network.stimulate(population, Poisson(rate_hz=8000.0, weight=weight))
        result = simulate(network, duration_ms=DURATION_MS)
        best = min(best, result.seconds["update"] / N_NEURONS / result.n_steps * 1e9)
        rate = result.statistics("cells").rate_hz
    return best, rate


def nest_costs(python: str, repeats: int) -> dict[str, float]:
    """Return NEST's ns per neuron and step, by NEST's model name."""
    cases = [(case[4], case[1], *case[2]) for case in CASES.values() if case[4]]
    arguments = [
        str(N_NEURONS), str(DT_MS), str(NEST_WINDOW_MS), json.dumps(cases), str(repeats),
        str(NEST_WINDOWS),
    ]  # fmt: skip
    done = subprocess.run(
        [python, "-c", NEST_SCRIPT, *arguments], capture_output=True, text=True, check=True
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def main() -> None:
    """Measure every model and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nest-python", help="interpreter that has NEST")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="file for the figures")
    arguments = parser.parse_args()
    missing = sorted(set(all_models()) - set(CASES))
    if missing:
        sys.exit(f"update_cost: no case for {', '.join(missing)}. Add one.")
    nest = nest_costs(arguments.nest_python, arguments.repeats) if arguments.nest_python else {}
    print(
        f"{'model':16s} {'ns':>7s} {'+Poisson':>9s} {'rate Hz':>8s} {'NEST ns':>8s} {'ratio':>6s}"
    )
    rows = []
    for name, case in CASES.items():
        plain, rate = cost(name, False, arguments.repeats)
        driven, _ = cost(name, True, arguments.repeats)
        other = nest.get(case[4] or "")
        beside = f"{other:8.1f} {other / plain:6.1f}" if other else f"{'-':>8s} {'-':>6s}"
        print(f"{name:16s} {plain:7.2f} {driven:9.2f} {rate:8.1f} {beside}", flush=True)
        rows.append({"model": name, "ns": plain, "ns_with_poisson": driven, "rate_hz": rate,
                     "nest_model": case[4], "nest_ns": other})  # fmt: skip
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    main()
