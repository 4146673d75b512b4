"""Checks of a command line that need the rooms which know the answers, before anything is built."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from distsnn.errors import InputFileError, UsageError, describe

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


def require_unused(options: argparse.Namespace, usual: Mapping[str, Any], why: str) -> None:
    """Raise UsageError for an option that would be ignored.

    usual: by the options' names in ``options`` what they are when they are not given. why: what
    they need, to be said after "must be".
    """
    for name, value in usual.items():
        if getattr(options, name) != value:
            option = name if name == "network" else f"--{name.replace('_', '-')}"
            got = " ".join(str(getattr(options, name)).split())
            raise UsageError(f"{option}: must be {why}, got {got} without. Leave it out.")


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


def require_same_network(network: Network, comm: Any) -> None:
    """Raise InputFileError if ranks have described different networks. Collective.

    A network file that draws numbers of its own without a fixed seed does that.
    """
    parts = [
        *((one.name, one.size, one.patches) for one in network.populations),
        *((one.name, one.rule, one.weight, one.delay) for one in network.projections),
        *((one.target.name, one.what) for one in network.stimuli),
    ]
    text = re.sub(" at 0x[0-9a-f]+", "", repr((network.dt_ms, network.seed, parts)))
    key = int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest(), "little")
    if comm.min(key) != comm.max(key):
        raise InputFileError(
            f"network {network.name}: differs between ranks, limit one network. "
            "Let its file depend on its parameters alone, and give random generators a seed."
        )


def require_rates(rates_hz: Iterable[float], network: Network) -> None:
    """Raise UsageError for a rate of more than one spike in each step."""
    from distsnn.checks import must_be

    most = 1e3 / network.dt_ms
    for rate_hz in rates_hz:
        if rate_hz > most:
            limit = f"at most {most:g} Hz, one spike in each step of {network.dt_ms:g} ms"
            raise UsageError(must_be("rate", limit, rate_hz, "Lower it."))


def require_duration(options: argparse.Namespace, network: Network) -> None:
    """Raise UsageError for a run of too many steps, or with nothing left for the statistics."""
    n_steps = options.duration / network.dt_ms
    if n_steps > MOST_STEPS:
        got = f"{options.duration:g} ms in steps of {network.dt_ms:g} ms"
        raise UsageError(f"duration: must be at most {MOST_STEPS} steps, got {got}. Shorten it.")
    if options.discard >= options.duration:
        got, limit = f"{options.discard:g} ms", f"below the duration, {options.duration:g} ms"
        raise UsageError(describe("discard", "is", got, limit, "Leave something to report."))
