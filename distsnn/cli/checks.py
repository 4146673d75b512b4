"""Checks of a command line that need the rooms which know the answers, before anything is built."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distsnn.errors import UsageError, describe

if TYPE_CHECKING:
    from distsnn.network import Network

MOST_STEPS = 2**31 - 1  # a recorded step has 32 bits


def on_first_rank(comm: Any, action: Callable[[], None]) -> None:
    """Do ``action`` on rank 0; if it fails there, raise its error on every rank. Collective."""
    error = None
    if comm.rank == 0:
        try:
            action()
        except Exception as caught:
            error = caught
    comm.agree(error)


def require_known_ways(options: argparse.Namespace) -> None:
    """Raise UsageError for a placement or a fabric that there is not."""
    from distsnn.comm import FABRICS
    from distsnn.mapping import PLACEMENTS

    fabric = getattr(options, "fabric", None)
    for thing, got, known in (
        ("placement", options.placement, PLACEMENTS),
        ("fabric", fabric, FABRICS),
    ):
        if got is not None and got not in known:
            limit = ", ".join(known)
            raise UsageError(describe(thing, "is", repr(got), limit, "Choose one of these."))


def require_duration(options: argparse.Namespace, network: Network) -> None:
    """Raise UsageError for a run of too many steps, or with nothing left for the statistics."""
    n_steps = options.duration / network.dt_ms
    if n_steps > MOST_STEPS:
        got = f"{options.duration:g} ms in steps of {network.dt_ms:g} ms"
        raise UsageError(describe("duration", "is", got, f"{MOST_STEPS} steps", "Shorten it."))
    if options.discard >= options.duration:
        got, limit = f"{options.discard:g} ms", f"below the duration, {options.duration:g} ms"
        raise UsageError(describe("discard", "is", got, limit, "Leave something to report."))
