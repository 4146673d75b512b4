"""On what a network runs: ranks, replicas, chip, fabric."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from distsnn.chip import Chip
from distsnn.comm.groups import group_of, split


@dataclass
class Machine:
    """``replicas`` copies of a network over the ranks of ``world``, each a group of ranks.

    comm: of the own group. Making it is collective.
    """

    world: Any
    chip: Chip
    replicas: int = 1
    fabric: str | None = None
    placement: str = "rows"
    neurons_per_core: int | None = None
    comm: Any = field(init=False)

    def __post_init__(self) -> None:
        self.comm = split(self.world, self.replicas)

    @property
    def is_root(self) -> bool:
        """Whether this is rank 0 of all."""
        return bool(self.world.rank == 0)

    @property
    def group(self) -> int:
        """The own group's number."""
        return group_of(self.world.rank, self.world.n_ranks, self.replicas)

    def network_options(self) -> dict[str, Any]:
        """Return the arguments of ``ConvNetwork`` after the images."""
        # A group of one rank has no messages to choose a way for.
        fabric = None if self.comm.n_ranks == 1 else self.fabric
        return {
            "comm": self.comm,
            "chip": self.chip,
            "fabric": fabric,
            "placement": self.placement,
            "neurons_per_core": self.neurons_per_core,
        }
