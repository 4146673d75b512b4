"""Cores of 256 neurons, one axon each, all firing in every step: for speed/compare_chip.py."""

import sys
from pathlib import Path

from distsnn import ExplicitList, IntegrateFire, Network

sys.path.insert(0, str(Path(__file__).parents[1] / "peers"))
from axon_workload import PER_CORE, targets


def build(cores: int = 128, own_share: float = 0.8, dt_ms: float = 1.0, seed: int = 1) -> Network:
    """Return the network; every neuron's current takes it over its threshold in each step."""
    network = Network(dt_ms=dt_ms, seed=seed, name="axons")
    model = IntegrateFire(c_m_pf=1.0, v_threshold_mv=1.0, i_offset_pa=2.0 / dt_ms)
    cells = network.population("cells", cores * PER_CORE, model)
    post = targets(cores, own_share)
    rule = ExplicitList(range(len(post)), post)
    network.connect(cells, cells, rule, weight=0.25, delay_ms=dt_ms)
    return network
