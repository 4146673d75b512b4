"""Ranks, replicas, chip and fabric that a network runs on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from distsnn.chip import Chip
from distsnn.comm import Comm, group_of, split

Value = TypeVar("Value")


@dataclass
class Machine:
    """``replicas`` copies of a network over the ranks of ``world``, each on a group of ranks.

    comm: of the own group. Making it is collective. fabric: name, None for the default. placement,
    neurons_per_core: as for other networks. Raises LaunchError for more replicas than ranks.
    """

    world: Comm
    chip: Chip
    replicas: int = 1
    fabric: str | None = None
    placement: str = "rows"
    neurons_per_core: int | None = None
    comm: Comm = field(init=False)

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

    @property
    def group_fabric(self) -> str:
        """Name of the fabric of the own group; one rank alone exchanges no messages."""
        return "serial" if self.comm.n_ranks == 1 else self.fabric or "mesh"

    def on_root(self, action: Callable[[], Value]) -> Value | None:
        """Return what ``action`` returns on rank 0, None elsewhere; all raise its error. Collective."""
        # The error is agreed on among ranks, so that none waits for another in vain.
        error, value = None, None
        try:
            if self.is_root:
                value = action()
        except Exception as caught:
            error = caught
        self.world.agree(error)
        return value
