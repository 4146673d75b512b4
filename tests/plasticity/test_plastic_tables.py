"""What a rank holds for learning depends on its own synapses, not on the size of the network."""

from __future__ import annotations

import tracemalloc
from math import isqrt
from typing import Any

import numpy as np
import pytest
from plasticity.plastic_networks import RULES

from distsnn.chip import load_chip
from distsnn.comm import rank_grid
from distsnn.core.partition import Partition
from distsnn.core.plastic.synapses import PlasticSynapses
from distsnn.forecast.dry_run import DryRunComm, DryRunRank
from distsnn.mapping import make_plan
from distsnn.mapping.batch import steps_per_exchange
from distsnn.mapping.partition import rank_of_core
from distsnn.network import Network, Normal, PatchInDegree, Uniform
from distsnn.neurons import LifDelta
from distsnn.running.building import compile_kernels
from distsnn.stimuli import Poisson

PATCH = 40  # neurons of a core
N_STEPS = 30
FEW, MANY = 128, 1152
FAMILIES = ("pair", "reward", "rewarded products", "varied")


def network(name: str, n_patches: int) -> Network:
    """Return patches that have plastic synapses from themselves and from three others each."""
    net = Network(dt_ms=0.1, seed=2)
    cells = net.population("cells", PATCH * n_patches, LifDelta(), patches=n_patches)
    near = tuple(
        tuple((patch + step) % n_patches for step in (0, 1, 5, 16)) for patch in range(n_patches)
    )
    plastic = net.connect(
        cells, cells, PatchInDegree(20, near), weight=Normal(0.5, 0.1, low=0.0, high=0.99),
        delay_ms=Uniform(0.5, 1.5), plasticity=RULES[name],
    )  # fmt: skip
    net.stimulate(cells, Poisson(rate_hz=20_000.0, weight=0.1))
    if RULES[name].changes_weights:
        net.record_weights(plastic, every_ms=1.0, targets=range(PATCH))
    return net


def pretended(name: str, n_ranks: int) -> Any:
    """Return rank 0 of ``n_ranks``, one core each, after some steps."""
    side = isqrt(n_ranks // 128)
    chip = load_chip("loihi").array(side, side)
    net = network(name, n_ranks)
    compile_kernels(net)
    plan = make_plan(net, chip, "rows", PATCH)
    grid = rank_grid(n_ranks, chip.width, chip.height)
    ranks = rank_of_core(np.ones(chip.n_cores), chip.width, chip.height, grid)
    partition = Partition(net, chip, plan, ranks, grid, steps_per_exchange(net, plan))
    rank = DryRunRank(partition, DryRunComm(0, n_ranks), N_STEPS, rate_hz=10.0)
    rank.advance(N_STEPS)
    return rank


def arrays_of(thing: Any, name: str, found: dict[int, tuple[str, int]], seen: set[int]) -> None:
    """Find all arrays that hang on an object of the core room: address -> (where, bytes)."""
    if id(thing) in seen or isinstance(thing, (str, bytes, int, float, type, Network)):
        return
    seen.add(id(thing))
    if isinstance(thing, np.ndarray):
        whole = thing if thing.base is None or not hasattr(thing.base, "nbytes") else thing.base
        found[id(whole)] = (name, whole.nbytes)
        return
    if isinstance(thing, dict):
        inside = thing.items()
    elif isinstance(thing, (list, tuple, set)):
        inside = enumerate(thing)
    elif type(thing).__module__.startswith("distsnn.core"):
        inside = vars(thing).items()
    else:
        return
    for key, value in inside:
        arrays_of(value, f"{name}.{key}", found, seen)


def held(name: str, n_ranks: int) -> tuple[dict[str, int], int]:
    """Return the arrays of learning by place, and the number of plastic synapses."""
    rank = pretended(name, n_ranks)
    found: dict[int, tuple[str, int]] = {}
    arrays_of(rank.plastic, "plastic", found, set())
    sizes: dict[str, int] = {}
    for where, size in found.values():
        sizes[where] = max(size, sizes.get(where, 0))
    return sizes, rank.plastic.n_synapses


@pytest.fixture
def peaks(monkeypatch):
    """The most memory, in bytes, that the plastic synapses of each rank took while being built."""
    found = []

    def measured(*arguments: Any) -> PlasticSynapses:
        tracemalloc.start()
        made = PlasticSynapses(*arguments)
        found.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        return made

    monkeypatch.setattr("distsnn.core.rank.PlasticSynapses", measured)
    return found


@pytest.mark.parametrize("name", FAMILIES)
def test_nothing_grows_with_the_network(name, peaks):
    """From 128 ranks to 1,152, one core of 40 neurons each: the network is 9 times larger."""
    held(name, FEW)  # what is imported and bound for the first time is not counted
    small, n_small = held(name, FEW)
    large, n_large = held(name, MANY)
    assert n_small == n_large == 4 * 20 * PATCH
    assert any(".words" in where for where in small)
    assert any(".weights" in where for where in small)
    assert set(small) == set(large)
    for where, size in large.items():
        assert size <= 1.05 * small[where] + 64, where
    rows = sum(size for where, size in large.items() if ".rows." in where)
    n_columns = sum(".columns." in where for where in large)
    # A word and the columns for each synapse, and for the four of a header, which has one at least.
    assert rows < 1.2 * 4 * (1 + n_columns) * 5 * n_large
    # Room for a page of numbers for each 1,024 gids that are near; a list of all neurons is larger.
    assert peaks[-1] < 1.1 * peaks[1] + 4 * PATCH * MANY / 1024 + 4096
