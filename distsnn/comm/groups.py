"""Divides the ranks of a run into groups that work by themselves."""

from __future__ import annotations

from typing import Any

from distsnn.checks import must_be
from distsnn.errors import LaunchError


def group_of(rank: int, n_ranks: int, n_groups: int) -> int:
    """Return the group of a rank: consecutive ranks, groups as equal as possible."""
    return ((rank + 1) * n_groups - 1) // n_ranks


def split(comm: Any, n_groups: int) -> Any:
    """Return the communicator of this rank's group. Collective.

    Close it when it is no longer needed, unless it is ``comm`` itself. Raises LaunchError for more
    groups than ranks.
    """
    if not 1 <= n_groups <= comm.n_ranks:
        raise LaunchError(
            must_be(
                "replicas",
                f"1 to {comm.n_ranks}, the number of ranks",
                n_groups,
                "Start more ranks.",
            )
        )
    if n_groups == 1:
        return comm
    if n_groups == comm.n_ranks:
        from distsnn.comm.serial import SerialComm

        return SerialComm()
    group: Any = comm.part(group_of(comm.rank, comm.n_ranks, n_groups))
    return group
