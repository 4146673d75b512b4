"""Writes a network as a NIR graph: what NIR can say of it; the rest is refused by name.

Populations with a model of NIR become a node of that kind, projections a Linear node (and a Delay node
for delays beyond one step), per-neuron biases an Affine node, and the one source of spikes the Input.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import Network, Population, Projection
from distsnn.neurons import NirCubaLif, NirIf, NirLif
from distsnn.neurons.nir_neuron import NEVER
from distsnn.nir.loading import NirNetwork
from distsnn.outputs import write_file

VERSION = "1.0.8"
S_PER_MS = 1e-3
KINDS = {NirIf: ("IF", "I"), NirLif: ("LIF", "LI"), NirCubaLif: ("CubaLIF", "CubaLI")}
# Field of the model -> name in NIR, with the factor of its unit.
NAMES = {
    "r": ("r", 1.0), "v_leak": ("v_leak", 1.0), "v_threshold": ("v_threshold", 1.0),
    "v_reset": ("v_reset", 1.0), "w_in": ("w_in", 1.0), "tau_ms": ("tau", S_PER_MS),
    "tau_syn_ms": ("tau_syn", S_PER_MS), "tau_mem_ms": ("tau_mem", S_PER_MS),
}  # fmt: skip
Fields = dict[str, Any]


@dataclass
class _Parts:
    """The nodes and edges of a graph that is written."""

    nodes: dict[str, Fields]
    edges: list[tuple[str, str]]
