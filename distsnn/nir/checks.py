"""Checks of the arguments of this room's calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from distsnn.checks import MAX_INT32, is_whole, must_be, number, whole
from distsnn.comm import Comm
from distsnn.errors import UsageError
from distsnn.nir.graph import Shape
from distsnn.player import Recording
from distsnn.simulation import Settings

MIN_DT_MS, MAX_DT_MS = 1e-3, 1e3
MAX_AXES = 8


def require_step(subject: str, dt_ms: Any) -> float:
    """Return a time step. Raises UsageError."""
    remedy = "Give ms."
    return number(f"{subject}: dt_ms", dt_ms, MIN_DT_MS, MAX_DT_MS, remedy=remedy, error=UsageError)


def require_count(subject: str, value: Any) -> int | None:
    """Return a whole number above 0 or None. Raises UsageError."""
    if value is None:
        return None
    return whole(subject, value, 1, MAX_INT32, remedy="Or leave it out.", error=UsageError)


def require_shape(subject: str, shape: Any) -> Shape:
    """Return the shape of an input. Raises UsageError."""
    is_right = isinstance(shape, (tuple, list)) and 0 < len(shape) <= MAX_AXES
    if not is_right or not all(is_whole(n) and 0 < n <= MAX_INT32 for n in shape):
        limit = f"a tuple of 1 to {MAX_AXES} whole numbers above 0"
        raise UsageError(must_be(f"{subject}: input_shape", limit, shape, "Give input_shape."))
    return tuple(int(n) for n in shape)


def require_recordings(subject: str, recordings: Any) -> None:
    """Raise UsageError unless these are recordings, at least one."""
    is_list = isinstance(recordings, Sequence) and len(recordings) > 0
    if not is_list or not all(isinstance(recording, Recording) for recording in recordings):
        limit = "a list of at least one Recording"
        raise UsageError(must_be(f"{subject}: recordings", limit, recordings, "Give some."))


def require_running(subject: str, settings: Any, comm: Any, progress: Any) -> None:
    """Raise UsageError unless these are the arguments of a run, or None."""
    for name, value, kind, limit in (
        ("settings", settings, Settings, "Settings or None"),
        ("comm", comm, Comm, "the return value of distsnn.start() or None"),
    ):
        if value is not None and not isinstance(value, kind):
            raise UsageError(must_be(f"{subject}: {name}", limit, value, "Leave it out."))
    if progress is not None and not callable(progress):
        limit = "a function or None"
        raise UsageError(must_be(f"{subject}: progress", limit, progress, "Leave it out."))
