"""A network, and which nodes of a circuit its populations are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from distsnn.network import Network, Population
from distsnn.sonata.config import SonataConfig
from distsnn.sonata.nodes import Nodes


@dataclass(eq=False)
class SonataNetwork:
    """A network, and which nodes its populations are.

    nodes: by name. parts: for each population of nodes the populations of the network that hold it, and
    of each node which one and the index there, int64 [n].
    """

    config: SonataConfig
    network: Network
    nodes: dict[str, Nodes]
    parts: dict[str, list[Population]] = field(default_factory=dict)
    part_of: dict[str, np.ndarray] = field(default_factory=dict)
    index_of: dict[str, np.ndarray] = field(default_factory=dict)

    def node_ids(self, name: str, part: int) -> np.ndarray:
        """Return the node ids of the neurons of one population of the network, in their order."""
        return self.nodes[name].ids[self.part_of[name] == part]
