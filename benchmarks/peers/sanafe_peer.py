"""SANA-FE on its own workload; run by ``compare_chip.py``.

    python sanafe_peer.py simple --scale 128 --window 20

The network argument is the timing model; --scale is the number of cores, --window steps.
"""

from __future__ import annotations

import time
from importlib.metadata import version

import sanafe
from axon_workload import PER_CORE, targets
from serving import Answer, options, serve


def build(n_cores: int) -> sanafe.SpikingChip:
    """Return TrueNorth's 64 x 64 mesh with the workload on its first cores, row by row."""
    arch, network = sanafe.load_truenorth(), sanafe.Network()
    cores = arch.cores()
    groups = []
    for core in range(n_cores):
        group = network.create_neuron_group(
            f"core{core}", PER_CORE, {"threshold": 0.0, "bias": 1.0, "leak": 0.0},
            default_synapse_hw_name="core_synapses", soma_hw_name="core_soma",
        )  # fmt: skip
        for neuron in range(PER_CORE):
            group[neuron].map_to_core(cores[core])
        groups.append(group)
    for source, end in enumerate(targets(n_cores)):
        core, neuron = divmod(source, PER_CORE)
        to_core, to_neuron = divmod(int(end), PER_CORE)
        groups[core][neuron].connect_to_neuron(groups[to_core][to_neuron], {"weight": 0.0})
    chip = sanafe.SpikingChip(arch)
    chip.load(network)
    return chip


def main() -> None:
    """Build; then simulate windows of the given number of steps."""
    asked = options()
    kept: list[sanafe.SpikingChip] = []

    def make() -> Answer:
        kept.append(build(int(asked.scale)))
        return {"simulator": f"SANA-FE {version('sanafe')} {asked.network}"}

    def window() -> Answer:
        start = time.perf_counter()
        result = kept[0].sim(
            int(asked.window), timing_model=asked.network, processing_threads=asked.threads,
            perf_trace=True,
        )  # fmt: skip
        seconds = time.perf_counter() - start
        trace = result["perf_trace"]
        return {
            "simulate_s": seconds,
            "hops_per_step": trace["hops"][-1],
            "fired_per_step": trace["fired"][-1],
        }

    serve(make, window)


if __name__ == "__main__":
    main()
