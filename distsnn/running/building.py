"""Builds the part of a network that a rank owns: map, compile, divide, build."""

from __future__ import annotations

from time import perf_counter

import numpy as np

from distsnn.chip import Chip
from distsnn.comm import Comm, fitting_batch, rank_grid
from distsnn.core.delivery.computed.synapses import kernels_of_computed
from distsnn.core.inputs.inputs import drives_of
from distsnn.core.memory_estimate import require_memory
from distsnn.core.partition import Partition
from distsnn.core.plastic.families import kernels_of
from distsnn.core.rank import Rank
from distsnn.kernels import ensure_compiled
from distsnn.mapping import DEFAULT_CUT, Plan, make_plan
from distsnn.mapping.batch import most_spikes, steps_per_exchange
from distsnn.mapping.partition import rank_of_core
from distsnn.mapping.work import expected_work
from distsnn.network import Network
from distsnn.network.draw import KERNEL_MODULES as DRAW_KERNEL_MODULES
from distsnn.network.fingerprint import describe, describe_network
from distsnn.network.neuron_parameters import varying_constants
from distsnn.neurons.model import kernel_of_model
from distsnn.running.settings import Settings

KERNEL_MODULES = (
    *DRAW_KERNEL_MODULES,
    *(
        f"distsnn.kernels.{name}"
        for name in (
            "comm.forwarding", "comm.packing", "comm.window", "delivery.deliver", "delivery.rows",
            "loop.arrive", "loop.program", "loop.send", "loop.steps", "loop.ticks", "mesh.anneal",
            "mesh.block_sums", "mesh.link_loads", "numbers.digest",
        )
    ),
)  # fmt: skip


def build_rank(
    network: Network,
    n_steps: int,
    chip: Chip,
    settings: Settings,
    comm: Comm,
    most_input: int = 0,
) -> Rank:
    """Map, compile and divide the network, then build the part of this rank. Collective.

    most_input: see ``Rank``.
    """
    # Stage 1: make sure that all ranks simulate the same network, and that it fits in memory.
    comm.require_same(
        f"network {network.name}",
        lambda: [
            *describe_network(network), *describe("chip", chip), *describe("settings", settings),
            ("duration", f"{n_steps} steps"), ("most_input", str(most_input)),
        ],
    )  # fmt: skip
    require_memory(network, n_steps, comm)
    # Stage 2: place the neurons on cores. The plan does not depend on the number of ranks.
    if settings.cut != DEFAULT_CUT:
        ensure_compiled(list(DRAW_KERNEL_MODULES))  # synapses are drawn to make the plan
    plan = make_plan(network, chip, settings.placement, settings.neurons_per_core, settings.cut)
    began = perf_counter()
    compile_kernels(network)  # after the plan, so that placement errors do not have to wait for it
    compile_s = perf_counter() - began
    # Stage 3: assign the cores to ranks, and build those of this rank.
    partition, _ = divide(network, chip, plan, comm.n_ranks)
    fabric = settings.fabric or ("serial" if comm.n_ranks == 1 else "mesh")
    rank = Rank(partition, comm, fabric, n_steps, most_input)
    rank.compile_s = compile_s
    return rank


def divide(network: Network, chip: Chip, plan: Plan, n_ranks: int) -> tuple[Partition, np.ndarray]:
    """Divide the cores of a mapped network among ranks.

    Returns the partition, and the work per step expected on each rank, float64 [ranks].
    """
    grid = rank_grid(n_ranks, chip.width, chip.height)
    work = expected_work(network, plan)
    ranks = rank_of_core(work, chip.width, chip.height, grid)
    # As many steps per exchange as the shortest delay allows and the buffers of packets hold.
    batch = fitting_batch(
        steps_per_exchange(network, plan), most_spikes(network, plan, ranks), n_ranks
    )
    return Partition(network, chip, plan, ranks, grid, batch), np.bincount(ranks, work, n_ranks)


def compile_kernels(network: Network) -> None:
    """Compile the kernels that the cache of this machine lacks, while other ranks wait."""
    # Models may share a kernel, which is listed once.
    models = {
        id(kernel): kernel
        for population in network.populations
        if not population.model.is_source
        for kernel in (
            kernel_of_model(population.model).per_neuron(
                varying_constants(population.model, population.parameters, network.dt_ms)
            ),
        )
    }
    of_network = [*kernels_of(network), *kernels_of_computed(network), *drives_of(network)]
    ensure_compiled([*KERNEL_MODULES, *models.values(), *of_network])
