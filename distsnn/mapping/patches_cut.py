"""Cuts images into patches of neighbouring pixels, with as many channels as fit.

A pixel of a convolution's output sees the same few inputs in every channel. With all channels of a
patch on one core, a spike goes to the core of its patch and perhaps to its neighbours, and axons in
are those of the patch and its rim. The largest patches that keep every limit are chosen.
"""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np

from distsnn.chip import Chip
from distsnn.mapping.cut import require_neuron_fits, slots_per_neuron
from distsnn.mapping.incoming import Block, Incoming, Run
from distsnn.mapping.limits_cut import fill, require_cores, slices_of
from distsnn.mapping.plan import Slice
from distsnn.network import Convolution, Network, Population

Image = tuple[int, int, int]  # channels, rows and columns, also how often each is divided


def cut_to_patches(network: Network, chip: Chip, neurons_per_core: int) -> tuple[Slice, ...]:
    """Return the slices of all blocks, none of which exceeds a limit of a core.

    Populations that a convolution leads to or from are images; others are cut as by
    ``cut_to_limits``, and so are images of which a pixel is too much for a core.
    """
    incoming = Incoming(network, chip)
    blocks = [Block()]
    for population in network.populations:
        require_neuron_fits(population, neurons_per_core)
        image = _image_of(network, population)
        patches = None
        if image is not None:
            patches = _fewest_patches(incoming, population, image, neurons_per_core)
        if patches is None:
            fill(incoming, blocks, population, neurons_per_core)
        else:
            # The last block may still be empty.
            blocks = [block for block in blocks if block.runs] + patches
        require_cores(chip, blocks)
    return slices_of(incoming, blocks)


def _image_of(network: Network, population: Population) -> Image | None:
    """Return channels, rows and columns of a population, None if no convolution knows them."""
    for projection in network.projections:
        if isinstance(projection.rule, Convolution):
            for end, shape in (
                (projection.target, projection.rule.output_shape),
                (projection.source, projection.rule.input_shape),
            ):
                if end.index == population.index:
                    return shape[0], shape[1] if len(shape) == 3 else 1, shape[-1]
    return None


def _fewest_patches(
    incoming: Incoming, population: Population, image: Image, capacity: int
) -> list[Block] | None:
    """Return blocks that each hold a patch, as few as possible; None if some pixel does not fit."""
    synapses = incoming.sources_onto((population.index, 0, population.size))
    best: list[Block] | None = None
    for divisions in _divisions(image, capacity // slots_per_neuron(population)):
        if best is not None and np.prod(divisions) > len(best):
            break
        blocks = _patches(incoming, population, _patch_of_neuron(image, divisions), synapses)
        fits = all(incoming.exceeded(block) is None for block in blocks)
        # Of equally many blocks, those that fewer axons reach.
        if fits and (best is None or _n_axons(blocks) < _n_axons(best)):
            best = blocks
    return best


def _n_axons(blocks: list[Block]) -> int:
    return sum(block.gids.size for block in blocks)


def _divisions(image: Image, most: int) -> list[Image]:
    """Return into how many parts to divide each axis, fewest patches first, of ``most`` neurons."""
    # Numbers of parts with which the largest part is smaller than with fewer parts.
    per_axis = [
        [n for n in range(1, side + 1) if n == 1 or -(-side // n) < -(-side // (n - 1))]
        for side in image
    ]
    fitting = [
        (n, m, k)
        for n, m, k in product(*per_axis)
        if np.prod([-(-side // n) for side, n in zip(image, (n, m, k), strict=True)]) <= most
    ]
    return sorted(fitting, key=lambda divisions: (int(np.prod(divisions)), divisions))


def _patch_of_neuron(image: Image, divisions: Image) -> np.ndarray:
    """Return the number of the patch of each neuron, int64."""
    # Part of place k of an axis: floor(k n / side); sizes of parts differ by at most 1.
    parts = [np.arange(side) * n // side for side, n in zip(image, divisions, strict=True)]
    return np.asarray(np.ravel_multi_index(np.meshgrid(*parts, indexing="ij"), divisions)).ravel()


def _patches(
    incoming: Incoming,
    population: Population,
    patch: np.ndarray,
    synapses: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> list[Block]:
    """Return the blocks of the patches. patch: of each neuron; synapses: see ``sources_onto``."""
    gids, own, ends = synapses
    patch_of_synapse = np.repeat(patch, np.diff(ends, prepend=0))
    blocks = []
    for number in range(int(patch.max()) + 1):
        chosen = patch_of_synapse == number
        runs = _runs(population.index, np.flatnonzero(patch == number))
        blocks.append(incoming.extended(Block(), runs, gids[chosen], own[chosen]))
    return blocks


def _runs(population: int, neurons: np.ndarray) -> list[Run]:
    """Return ascending neurons as runs of neighbours."""
    breaks = np.flatnonzero(np.diff(neurons) != 1) + 1
    bounds = [0, *breaks.tolist(), neurons.size]
    return [(population, int(neurons[a]), int(neurons[b - 1]) + 1) for a, b in pairwise(bounds)]
