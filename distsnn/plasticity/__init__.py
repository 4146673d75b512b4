"""Plastic synapses: one rule, one file.

A file gives the equations and their source, a frozen dataclass of parameters, the functions that a
spike applies to a weight, and the kernels made of them; ``docs/plasticity/own_rule.md`` shows how to
write one. Every file in this folder is found by ``all_rules``; a file elsewhere by ``load_rule``.
"""

from distsnn.plasticity.oja import Oja
from distsnn.plasticity.pair_stdp import PairStdp
from distsnn.plasticity.registry import all_rules, load_rule
from distsnn.plasticity.reward_stdp import RewardStdp
from distsnn.plasticity.sum_of_products import SumOfProducts
from distsnn.plasticity.triplet_stdp import TripletStdp
from distsnn.plasticity.tsodyks_markram import TsodyksMarkram

__all__ = [
    "Oja",
    "PairStdp",
    "RewardStdp",
    "SumOfProducts",
    "TripletStdp",
    "TsodyksMarkram",
    "all_rules",
    "load_rule",
]
