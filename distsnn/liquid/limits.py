"""Limits of the parameters of a liquid, and the checks that every part applies when it is made."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from distsnn import checks
from distsnn.checks import MAX_FLOAT32, must_be
from distsnn.errors import DistsnnError, UsageError

PAIRS = ("EE", "EI", "IE", "II")  # types of neurons: source, target
SYNAPSES = ("static", "dynamic")
KINDS = ("filtered", "triangular")  # of features
CLOCKS = ("time", "input")
MAX_NEURONS = 1 << 24  # integers up to here are exact in float32
MAX_CHANNELS = 1 << 20
MAX_FAN = 1 << 12  # channels onto a neuron: no core of a chip takes more axons
MAX_FEATURES = 1 << 28  # of a recording: 1 GiB
MAX_STEPS = 10_000_000  # of a recording
MAX_MS = 3_600_000.0  # an hour
MAX_PIXELS = 1 << 16  # along a side of a camera
MIN_DT_MS, MAX_DT_MS = 1e-3, 100.0
N_MATRICES = 4  # of inner products of all recordings, in memory at the same time

Error = type[DistsnnError]
Check = Callable[[str, Any, Error], Any]


def real(low: float = -MAX_FLOAT32, high: float = MAX_FLOAT32, **open_bounds: float) -> Check:
    """Return the check of a number; open_bounds: ``above`` and ``below`` as in ``checks.number``."""

    def check(thing: str, value: Any, error: Error) -> float:
        return checks.number(thing, value, low, high, error=error, **open_bounds)  # type: ignore[arg-type]

    return check


def whole(low: int, high: int) -> Check:
    """Return the check of a whole number."""

    def check(thing: str, value: Any, error: Error) -> int:
        return checks.whole(thing, value, low, high, error=error)

    return check


def one_of(*choices: str) -> Check:
    """Return the check of a word."""

    def check(thing: str, value: Any, error: Error) -> str:
        return checks.choice(thing, value, choices, error=error)

    return check


def or_none(inner: Check) -> Check:
    """Return the check of what may be None."""

    def check(thing: str, value: Any, error: Error) -> Any:
        return None if value is None else inner(thing, value, error)

    return check


def each_of(inner: Check, keys: tuple[str, ...]) -> Check:
    """Return the check of a dictionary with these keys."""

    def check(thing: str, value: Any, error: Error) -> dict[str, Any]:
        if not isinstance(value, Mapping) or set(value) != set(keys):
            got = list(value) if isinstance(value, Mapping) else value
            raise error(
                must_be(thing, f"a number for each of {', '.join(keys)}", got, "Change it.")
            )
        return {key: inner(f"{thing} {key}", value[key], error) for key in keys}

    return check


def several(inner: Check, n_least: int, n_most: int) -> Check:
    """Return the check of a sequence, which becomes a tuple."""

    def check(thing: str, value: Any, error: Error) -> tuple[Any, ...]:
        if not isinstance(value, (tuple, list)) or not n_least <= len(value) <= n_most:
            n = f"{n_least}" if n_least == n_most else f"{n_least} to {n_most}"
            raise error(must_be(thing, f"a list of {n} numbers", value, "Change it."))
        return tuple(inner(f"{thing}[{k}]", entry, error) for k, entry in enumerate(value))

    return check


@dataclass(frozen=True)
class AnInstance:
    """The check of a part whose class checks its own fields."""

    kind: type

    def __call__(self, thing: str, value: Any, error: Error) -> Any:
        """Return the value, or raise."""
        if not isinstance(value, self.kind):
            raise error(must_be(thing, f"a {self.kind.__name__}", value, "Make one."))
        return value


def require_fields(
    thing: str, part: Any, limits: Mapping[str, Check], error: Error = UsageError
) -> None:
    """Check every field of a frozen dataclass and keep what the checks return."""
    for entry in fields(part):
        value = limits[entry.name](f"{thing}: {entry.name}", getattr(part, entry.name), error)
        # Frozen dataclass: the checked value (int for whole numbers, tuple for lists) replaces it.
        object.__setattr__(part, entry.name, value)


def require_memory(n_rows: int) -> None:
    """Raise UsageError if this machine cannot hold what a read-out of ``n_rows`` rows takes."""
    # Gram matrices of float64: 8 n^2 bytes each.
    needed = N_MATRICES * 8 * n_rows**2
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    if needed > memory:
        limit = f"of at most {memory / 1e9:.0f} GB, the memory of this machine"
        got = f"{needed / 1e9:.0f} GB for {n_rows:,} recordings, shifted copies included"
        raise UsageError(
            f"inner products: must be {limit}, got {got}. Use fewer recordings (--limit), or leave "
            "the copies out (--set moved_pixels=0)."
        )


# Ranges shared by the tables below.
_POSITIVE, _NOT_NEGATIVE, _SHARE = real(above=0.0), real(0.0), real(0.0, 1.0)
_MS = real(0.0, MAX_MS)
# Limits of ``parameters.Column``.
COLUMN_LIMITS: dict[str, Check] = {
    "grid": several(whole(1, MAX_NEURONS), 3, 3),
    "inhibitory_share": real(0.0, below=1.0),
    "length": _POSITIVE,
    "probability": each_of(_SHARE, PAIRS),
    "weight_na": each_of(_NOT_NEGATIVE, PAIRS),
    "delay_ms": each_of(real(high=MAX_MS, above=0.0), PAIRS),
    "synapses": one_of(*SYNAPSES),
    **dict.fromkeys(("weight_spread", "recurrence", "t_ref_e_ms", "t_ref_i_ms"), _NOT_NEGATIVE),
    **dict.fromkeys(("tau_m_ms", "tau_syn_e_ms", "tau_syn_i_ms"), _POSITIVE),
    **dict.fromkeys(("v_threshold_mv", "v_reset_mv", "v_floor_mv", "background_na"), real()),
}
# Limits of ``parameters.InputWiring``.
WIRING_LIMITS: dict[str, Check] = {
    "fan": whole(1, MAX_FAN),
    "negative_share": _SHARE,
    "spread_pixels": or_none(real(0.0, MAX_PIXELS)),
    **dict.fromkeys(
        ("weight_na", "weight_spread", "negative_factor", "inhibitory_factor"), _NOT_NEGATIVE
    ),
}
# Limits of ``parameters.ReadoutTimes``.
TIMES_LIMITS: dict[str, Check] = {
    "kind": one_of(*KINDS),
    "n": whole(1, MAX_FEATURES),
    "tau_ms": real(high=MAX_MS, above=0.0),
    "clock": one_of(*CLOCKS),
    "lag_ms": _MS,
}
