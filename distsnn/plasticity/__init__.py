"""Plastic synapses: one rule, one file.

A file gives the equations and their source, a frozen dataclass of parameters, the functions that a
spike applies to a weight, and the kernels made of them; ``docs/plasticity/own_rule.md`` shows how to
write one. Every rule in a file of this folder is found by ``all_rules`` and can be imported from here,
as in ``from distsnn.plasticity import PairStdp``; a file elsewhere is loaded by ``load_rule``.
"""

from typing import Any

from distsnn.plasticity.registry import all_rules as all_rules
from distsnn.plasticity.registry import load_rule as load_rule
from distsnn.plasticity.registry import of_face
from distsnn.plasticity.trace_rule import RewardRule as RewardRule
from distsnn.plasticity.trace_rule import TraceRule as TraceRule


def __getattr__(name: str) -> Any:
    return of_face(name)


def __dir__() -> list[str]:
    return list(of_face("__all__"))  # type: ignore[call-overload]
