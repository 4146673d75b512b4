"""Brunel's network with plastic synapses, in NEST and in distsnn; run by ``plastic_brunel.py``.

    mpirun -n 2 python plastic_sides.py distsnn --duration 500 --warm-up 100 -n 2 --seed 1

Prints one JSON object. Only the side asked for is imported.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
from time import perf_counter, process_time
from typing import Any

N_E, N_I, C_E, C_I = 10_000, 2_500, 1_000, 250
J_MV, G, RATE_HZ, DELAY_MS, DT_MS = 0.1, 5.0, 20_000.0, 1.5, 0.1
W_MAX, LEARNING_RATE, TAU_MS = 0.2, 0.01, 20.0


def run_nest(duration_ms: float, warm_up_ms: float, n: int, seed: int) -> dict[str, Any]:
    """Build, warm up and time NEST with n threads."""
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.SetKernelStatus({"local_num_threads": n, "resolution": DT_MS, "rng_seed": seed})
    start = perf_counter()
    parameters = {
        "E_L": 0.0, "V_th": 20.0, "V_reset": 10.0, "tau_m": 20.0, "C_m": 250.0, "t_ref": 2.0,
        "V_m": 0.0, "tau_minus": TAU_MS,
    }  # fmt: skip
    exc = nest.Create("iaf_psc_delta", N_E, parameters)
    inh = nest.Create("iaf_psc_delta", N_I, parameters)
    noise = nest.Create("poisson_generator", params={"rate": RATE_HZ})
    nest.Connect(noise, exc + inh, syn_spec={"weight": J_MV, "delay": DT_MS})
    rule = {
        "lambda": LEARNING_RATE, "alpha": 1.0, "mu_plus": 1.0, "mu_minus": 1.0, "Wmax": W_MAX,
        "tau_plus": TAU_MS,
    }  # fmt: skip
    nest.CopyModel("stdp_synapse", "plastic", {**rule, "weight": J_MV, "delay": DELAY_MS})
    from_e, from_i = ({"rule": "fixed_indegree", "indegree": c} for c in (C_E, C_I))
    nest.Connect(exc, exc, from_e, "plastic")
    nest.Connect(exc, inh, from_e, {"weight": J_MV, "delay": DELAY_MS})
    nest.Connect(inh, exc + inh, from_i, {"weight": -G * J_MV, "delay": DELAY_MS})
    recorder = nest.Create("spike_recorder", params={"start": warm_up_ms})
    nest.Connect(exc, recorder)
    nest.Prepare()
    built = perf_counter()
    nest.Run(warm_up_ms)
    warm, warm_cpu = perf_counter(), process_time()
    nest.Run(duration_ms)
    done, done_cpu = perf_counter(), process_time()
    some = nest.GetConnections(exc[:100], exc, "plastic").get("weight")
    return {
        "simulator": f"NEST {nest.__version__}",
        "build_s": built - start,
        "simulate_s": done - warm,
        "real_time_factor": (done - warm) / duration_ms * 1e3,
        "busy": (done_cpu - warm_cpu) / n / (done - warm),
        "memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        "rate_hz": recorder.n_events / N_E / duration_ms * 1e3,
        "weight_mean": statistics.mean(some),
        "weight_sd": statistics.stdev(some),
    }


def network(seed: int, is_plastic: bool) -> Any:
    """Return the network in distsnn's words; NEST has the whole delay behind the synapse."""
    from distsnn import FixedInDegree, LifDelta, Network, Poisson
    from distsnn.plasticity import PairStdp

    model = LifDelta(v_reset_mv=10.0)
    net = Network(dt_ms=DT_MS, seed=seed, name="plastic-brunel")
    exc, inh = net.population("exc", N_E, model), net.population("inh", N_I, model)
    rule = PairStdp(
        W_MAX, 0.0, LEARNING_RATE, LEARNING_RATE, TAU_MS, TAU_MS, mu_plus=1.0, mu_minus=1.0
    )
    learning = {"plasticity": rule, "dendritic_share": 1.0} if is_plastic else {}
    net.connect(exc, exc, FixedInDegree(C_E), weight=J_MV, delay_ms=DELAY_MS, **learning)
    net.connect(exc, inh, FixedInDegree(C_E), weight=J_MV, delay_ms=DELAY_MS)
    for target in (exc, inh):
        net.stimulate(target, Poisson(rate_hz=RATE_HZ, weight=J_MV))
        net.connect(inh, target, FixedInDegree(C_I), weight=-G * J_MV, delay_ms=DELAY_MS)
    return net


def run_distsnn(
    duration_ms: float, warm_up_ms: float, n: int, seed: int, *, is_plastic: bool = True
) -> dict[str, Any]:
    """Build, warm up and time distsnn on the ranks that this process is one of."""
    from distsnn import Settings, __version__, load_chip, start
    from distsnn.core.recording.collect import own_spikes
    from distsnn.running.building import build_rank
    from distsnn.time_grid import given_steps

    comm = start()
    first = given_steps("warm-up", warm_up_ms, DT_MS)
    n_steps = first + given_steps("duration", duration_ms, DT_MS)
    began = perf_counter()
    # One step more than is run: after the last one all synapses would catch up.
    net = network(seed, is_plastic)
    rank = build_rank(net, n_steps + 1, load_chip("loihi"), Settings(), comm)
    comm.barrier()
    built = perf_counter()
    rank.advance(first)
    comm.barrier()
    warm, warm_cpu, before = perf_counter(), process_time(), dict(rank.seconds)
    rank.advance(n_steps)
    comm.barrier()
    done, done_cpu = perf_counter(), process_time()
    step, gid = own_spikes(rank)
    n_spikes = comm.sum(int(((step >= first) & (gid < N_E)).sum()))
    memory = comm.sum(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    deliver_s = comm.sum(round((rank.seconds["deliver"] - before["deliver"]) * 1e9)) * 1e-9
    return {
        "simulator": f"distsnn {__version__}" + ("" if is_plastic else ", static"),
        "is_root": comm.rank == 0,
        "build_s": built - began,
        "simulate_s": done - warm,
        "real_time_factor": (done - warm) / duration_ms * 1e3,
        "busy": comm.sum(round((done_cpu - warm_cpu) * 1e9)) * 1e-9 / n / (done - warm),
        "memory_bytes": memory,
        "rate_hz": n_spikes / N_E / duration_ms * 1e3,
        **weights_of(rank, comm),
        "events": n_spikes * C_E,
        "deliver_s": deliver_s,
        "seconds": {key: value - before[key] for key, value in rank.seconds.items()},
    }


def weights_of(rank: Any, comm: Any) -> dict[str, float]:
    """Return mean and deviation of the plastic weights, where there are any."""
    import numpy as np

    if not rank.plastic.parts:
        return {}
    (part,) = rank.plastic.parts
    weights = part.weights_at(part.rows.listed()[3])
    n_synapses = comm.sum(weights.size)
    sums = comm.reduce_sum(np.array([weights.sum(), (weights**2).sum()]))
    mean = float(sums[0]) / n_synapses
    deviation = max(0.0, float(sums[1]) / n_synapses - mean**2) ** 0.5
    return {"weight_mean": mean, "weight_sd": deviation}


def run_static(duration_ms: float, warm_up_ms: float, n: int, seed: int) -> dict[str, Any]:
    """Time the same network without learning."""
    return run_distsnn(duration_ms, warm_up_ms, n, seed, is_plastic=False)


SIDES = {"nest": run_nest, "distsnn": run_distsnn, "static": run_static}


def main() -> None:
    """Run one side and print what it found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("side", choices=sorted(SIDES))
    parser.add_argument("--duration", type=float, required=True)
    parser.add_argument("--warm-up", type=float, required=True)
    parser.add_argument("-n", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    result = SIDES[options.side](options.duration, options.warm_up, options.n, options.seed)
    if result.pop("is_root", True):
        print(json.dumps(result))


if __name__ == "__main__":
    main()
