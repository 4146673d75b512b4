"""Checks of options that need other rooms, made before anything is built."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from distsnn.errors import UsageError

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.network import Network


def on_first_rank(comm: Comm, action: Callable[[], None]) -> None:
    """Run ``action`` on rank 0; if it fails there, raise its error on every rank. Collective."""
    error = None
    if comm.rank == 0:
        try:
            action()
        except Exception as caught:
            error = caught
    comm.agree(error)


def require_unused(options: argparse.Namespace, usual: Mapping[str, Any], why: str) -> None:
    """Raise UsageError for an option that would be ignored.

    usual: default of each option, by its name in ``options``. why: the condition under which they
    apply, as the message has it after "must be".
    """
    for name, value in usual.items():
        if getattr(options, name) != value:
            option = name if name == "network" else f"--{name.replace('_', '-')}"
            got = " ".join(str(getattr(options, name)).split())
            raise UsageError(f"{option}: must be {why}, got {got} without. Leave it out.")


def require_known_ways(options: argparse.Namespace) -> None:
    """Raise UsageError for a placement or a fabric that does not exist."""
    from distsnn.checks import must_be
    from distsnn.comm import FABRICS
    from distsnn.mapping import PLACEMENTS

    fabric = getattr(options, "fabric", None)
    for option, got, known in (
        ("placement", options.placement, PLACEMENTS),
        ("fabric", fabric, FABRICS),
    ):
        if got is not None and got not in known:
            limit = f"one of {', '.join(known)}"
            raise UsageError(must_be(option, limit, got, "Choose one of these."))


def require_rates(rates_hz: Iterable[float], network: Network) -> None:
    """Raise UsageError for a rate of more than one spike in each step."""
    from distsnn.checks import must_be

    most = 1e3 / network.dt_ms
    for rate_hz in rates_hz:
        if rate_hz > most:
            limit = f"at most {most:g} Hz, one spike in each step of {network.dt_ms:g} ms"
            raise UsageError(must_be("rate", limit, rate_hz, "Lower it."))


def require_duration(options: argparse.Namespace, network: Network) -> None:
    """Raise UsageError for times that are not whole steps, or if nothing is left to report."""
    from distsnn.running.stepping import run_steps_of
    from distsnn.time_grid import given_steps

    n_steps = run_steps_of(options.duration, network.dt_ms, "duration")
    given_steps("discard", options.discard, network.dt_ms, 0, n_steps, error=UsageError)
    if options.discard >= options.duration:
        limit = f"less than the duration, {options.duration:g} ms"
        remedy = "Discard less of the run."
        raise UsageError(f"discard: must be {limit}, got {options.discard:g} ms. {remedy}")
