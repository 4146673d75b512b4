"""Makes a plan: checks the arguments, cuts populations into blocks, places blocks on cores."""

from __future__ import annotations

import numpy as np

from distsnn.checks import choice, must_be, whole
from distsnn.chip import Chip
from distsnn.errors import CapacityError, NetworkError, UsageError
from distsnn.kernels.formats import RING_BITS, bits_for
from distsnn.mapping.cut import cut as cut_by_neurons
from distsnn.mapping.cut import require_blocks_fit
from distsnn.mapping.expected_traffic import packets_per_spike
from distsnn.mapping.limits_cut import cut_to_limits
from distsnn.mapping.patches_cut import cut_to_patches
from distsnn.mapping.placement import DEFAULT_PLACEMENT, OwnPlacement, place, require_placement
from distsnn.mapping.plan import Plan, Slice
from distsnn.mesh import Mesh
from distsnn.network import Network

CUTS = ("neurons", "limits", "patches")
DEFAULT_CUT = "neurons"


def wanted_per_core(chip: Chip, neurons_per_core: int | None) -> int:
    """Return the most neurons to put on a core. Raises CapacityError beyond the chip's limit.

    neurons_per_core: at most what the chip allows; None uses the limit of the chip.
    """
    limit = chip.neurons_per_core
    wanted = limit if neurons_per_core is None else neurons_per_core
    return whole("neurons_per_core", wanted, 1, limit, remedy=f"See chip {chip.name}.",
                 error=CapacityError)  # fmt: skip


def make_plan(
    network: Network,
    chip: Chip,
    placement: str | OwnPlacement = DEFAULT_PLACEMENT,
    neurons_per_core: int | None = None,
    cut: str = DEFAULT_CUT,
) -> Plan:
    """Cut and place a network on a chip.

    placement: a name from ``PLACEMENTS``, the core of each block, or a function (see ``Placement``).
    neurons_per_core: fewer than the chip allows, to spread a network over more cores. cut: "neurons"
    fills cores up to their neurons alone, "limits" up to every limit of the chip, for which each rank
    draws all synapses, "patches" too, with patches of images on a core.
    """
    if not isinstance(network, Network):
        raise UsageError(must_be("network", "a Network", network, "Describe one."))
    if not isinstance(chip, Chip):
        raise UsageError(must_be("chip", "a Chip", chip, "Give load_chip('loihi'), for instance."))
    if not network.populations:
        raise NetworkError(
            f"network {network.name}: must have at least one population, got none. Add one with "
            "network.population()."
        )
    require_placement("placement", placement)
    choice("cut", cut, CUTS)
    wanted = wanted_per_core(chip, neurons_per_core)
    slices = _cut(network, chip, wanted, cut)
    n_blocks = 1 + max(piece.block for piece in slices)
    require_blocks_fit(n_blocks, chip.width * chip.height, chip.name, wanted)
    core_of_block = place(
        placement, Mesh.of_chip(chip), n_blocks, network.seed,
        lambda: packets_per_spike(network, slices, n_blocks),
    )  # fmt: skip
    largest = max(piece.lid_start + piece.size for piece in slices)
    lid_bits = max(3, bits_for(largest))
    _require_ring_fits(network, largest, lid_bits)
    return Plan(slices, np.asarray(core_of_block, np.int32), chip.width, chip.height, lid_bits)


def _cut(network: Network, chip: Chip, neurons_per_core: int, cut: str) -> tuple[Slice, ...]:
    """Return the slices of all blocks, in the way named ``cut``."""
    if cut == "limits":
        return cut_to_limits(network, chip, neurons_per_core)
    if cut == "patches":
        return cut_to_patches(network, chip, neurons_per_core)
    return cut_by_neurons(network, neurons_per_core, chip.n_cores)


def _require_ring_fits(network: Network, largest: int, lid_bits: int) -> None:
    """Raise unless the index of a sum has room for a core's neurons and a model's receptors."""
    of_models = (len(population.model.receptors) for population in network.populations)
    n_receptors = max(of_models, default=1)
    most = RING_BITS - bits_for(n_receptors)
    if lid_bits > most:
        raise CapacityError(
            must_be(
                "core", f"at most {1 << most} neurons with models of {n_receptors} receptors",
                largest, f"Choose {1 << most} neurons per core or fewer.",
            )
        )  # fmt: skip
