"""Divides the ranks of a run into groups that work independently."""

from __future__ import annotations

from distsnn.checks import must_be
from distsnn.comm.interface import Comm
from distsnn.comm.serial import SerialComm
from distsnn.errors import LaunchError


def group_of(rank: int, n_ranks: int, n_groups: int) -> int:
    """Return the group of a rank. Groups are consecutive ranks, and their sizes differ by at most 1."""
    return ((rank + 1) * n_groups - 1) // n_ranks


def split(comm: Comm, n_groups: int) -> Comm:
    """Return the communicator of this rank's group. Collective.

    The caller closes it, unless it is ``comm`` itself, which is returned for one group. Raises
    LaunchError if there are more groups than ranks.
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
        return SerialComm()
    return comm.part(group_of(comm.rank, comm.n_ranks, n_groups))
