"""Checks of single values; each raises an error with a one-line message.

Every value from the user is checked once, on entry, against the type that stores it. A
message is ``OBJECT: must be LIMIT, got VALUE. REMEDY`` and names the parameter.
"""

from __future__ import annotations

import math
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.errors import DistsnnError, InputFileError, NetworkError, UsageError

MAX_FLOAT32 = float(np.finfo(np.float32).max)
MIN_FLOAT32 = float(np.finfo(np.float32).tiny)  # smaller numbers are treated as 0 in compiled code
MAX_EXACT_FLOAT32 = 2**24  # float32 represents all whole numbers up to here
MAX_FLOAT64 = float(np.finfo(np.float64).max)
MAX_INT32 = 2**31 - 1
MAX_INT64 = 2**63 - 1
MAX_SHOWN = 60  # characters of a value in a message

Error = type[DistsnnError]


def must_be(subject: str, limit: str, got: object, remedy: str) -> str:
    """Return the one-line message that every check raises. ``got`` is shown by ``shown``."""
    return f"{subject}: must be {limit}, got {shown(got)}. {remedy}"


def shown(value: Any) -> str:
    """Return a value as one short line: its ``repr``, or type and size for arrays and collections."""
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} with shape {value.shape}"
    if isinstance(value, (list, tuple, set, frozenset, dict, bytes)) and len(value) > MAX_SHOWN:
        return f"a {type(value).__name__} of {len(value)} entries"
    if isinstance(value, (float, np.floating)):
        return f"{float(value):.15g}"
    if is_whole(value):
        value = int(value)
        if abs(value) < 10**20:
            return str(value)
        digits = abs(value).bit_length() * math.log10(2)
        return f"a number of about {digits:.0f} digits"
    try:
        text = repr(value)
    except Exception:  # a user's own class may do anything
        text = f"a {type(value).__name__}"
    text = " ".join(text.split())
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 3] + "..."


def is_number(value: Any) -> bool:
    """Return whether a value is a real number; bools, text and arrays are not."""
    is_real = isinstance(value, (int, float, np.integer, np.floating))
    return is_real and not isinstance(value, (bool, np.bool_))


def is_whole(value: Any) -> bool:
    """Return whether a value is an integer; bools are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, (bool, np.bool_))


def number(
    subject: str,
    value: Any,
    low: float = -MAX_FLOAT64,
    high: float = MAX_FLOAT64,
    *,
    above: float | None = None,
    below: float | None = None,
    remedy: str = "Change it.",
    error: Error = NetworkError,
) -> float:
    """Return ``value`` as a float, or raise unless it is a number with low <= value <= high.

    above, below: exclusive bounds. NaN is never allowed; infinity only if a bound is infinite. Use
    ``high=MAX_FLOAT32`` for values stored in 32 bits.
    """
    limit = _range(low, high, above, below)
    if not is_number(value):
        raise error(must_be(subject, f"a number{limit}", value, remedy))
    try:
        real = float(value)
    except OverflowError:
        raise error(must_be(subject, f"a number{limit}", value, remedy)) from None
    is_inside = low <= real <= high
    is_inside = is_inside and (above is None or real > above)
    is_inside = is_inside and (below is None or real < below)
    if not is_inside:  # also not-a-number
        raise error(must_be(subject, f"a number{limit}", value, remedy))
    return real


def whole(
    subject: str,
    value: Any,
    low: int,
    high: int,
    *,
    remedy: str = "Change it.",
    error: Error = NetworkError,
) -> int:
    """Return ``value`` as an int, or raise unless it is an integer with low <= value <= high."""
    if not is_whole(value) or not low <= value <= high:
        raise error(must_be(subject, f"a whole number from {low} to {high}", value, remedy))
    return int(value)


def flag(subject: str, value: Any, *, error: Error = NetworkError) -> bool:
    """Return ``value`` as a bool, or raise unless it is True or False."""
    if not isinstance(value, (bool, np.bool_)):
        raise error(must_be(subject, "True or False", value, "Give one of them."))
    return bool(value)


def choice(subject: str, value: Any, choices: Sequence[str], *, error: Error = UsageError) -> str:
    """Return ``value``, or raise unless it is one of the choices."""
    if not isinstance(value, str) or value not in choices:
        raise error(must_be(subject, f"one of {', '.join(choices)}", value, "Choose one of them."))
    return value


def array(
    subject: str,
    value: Any,
    kind: str,
    *,
    n_dims: int = 1,
    low: float | None = None,
    high: float | None = None,
    remedy: str = "Give a list or a numpy array.",
    error: Error = NetworkError,
) -> np.ndarray:
    """Return ``value`` as an array of float64 (kind "f") or int64 (kind "i") of finite numbers.

    Raises ``error`` if it is ragged, of another kind or number of dimensions, or has values outside
    [low, high]. An empty list is accepted for either kind.
    """
    wanted = "whole numbers" if kind == "i" else "numbers"
    limit = f"an array of {wanted} with {n_dims} dimension{'s' if n_dims > 1 else ''}"
    try:
        numbers = np.asarray(value)
    except (ValueError, TypeError, OverflowError):
        raise error(must_be(subject, limit, value, remedy)) from None
    kinds = "iu" if kind == "i" else "iuf"
    if numbers.ndim != n_dims or (numbers.size and numbers.dtype.kind not in kinds):
        raise error(must_be(subject, limit, value, remedy))
    if kind == "i":
        low, high = -MAX_INT64 if low is None else low, MAX_INT64 if high is None else high
    else:
        low, high = -MAX_FLOAT64 if low is None else low, MAX_FLOAT64 if high is None else high
    if numbers.size:
        is_outside = ~((numbers >= low) & (numbers <= high))  # also not-a-number
        if is_outside.any():
            at = np.unravel_index(int(np.argmax(is_outside)), numbers.shape)
            index = ", ".join(str(int(k)) for k in at)
            limit = f"{wanted}{_range(low, high, None, None)}"
            raise error(must_be(f"{subject}[{index}]", limit, numbers[at], remedy))
    return np.ascontiguousarray(numbers, dtype=np.int64 if kind == "i" else np.float64)


def text(
    subject: str, value: Any, *, remedy: str = "Give one.", error: Error = NetworkError
) -> str:
    """Return ``value``, or raise unless it is a non-empty string."""
    if not isinstance(value, str) or not value:
        raise error(must_be(subject, "a text", value, remedy))
    return value


def declared(
    owner: Any,
    *,
    limits: Mapping[str, tuple[float, float]] | None = None,
    choices: Mapping[str, Sequence[str]] | None = None,
    positive: Sequence[str] = (),
    subject: str = "",
    remedy: str = "Give one number.",
    error: Error = NetworkError,
) -> None:
    """Check the fields of a dataclass against their declared types.

    ``float``: a number in the range of float32, above 0 for fields in ``positive``; ``int``: a whole
    number in the range of int32; ``bool``; ``str``. limits, choices: by field, instead of these ranges.
    Fields of other types are not checked. The object of a message is ``CLASS.FIELD``, or
    ``SUBJECT.FIELD``. remedy: of messages about values that are not numbers.
    """
    limits, choices = limits or {}, choices or {}
    owner_name = subject or type(owner).__name__
    for field in fields(owner):
        kind = field.type if isinstance(field.type, str) else getattr(field.type, "__name__", "")
        name, value = f"{owner_name}.{field.name}", getattr(owner, field.name)
        advice = "Change it." if is_number(value) else remedy
        if field.name in choices:
            choice(name, value, choices[field.name], error=error)
        elif kind == "float":
            low, high = limits.get(field.name, (-MAX_FLOAT32, MAX_FLOAT32))
            above = 0.0 if field.name in positive else None
            number(name, value, low, high, above=above, remedy=advice, error=error)
        elif kind == "int":
            low, high = limits.get(field.name, (-MAX_INT32 - 1, MAX_INT32))
            whole(name, value, int(low), int(high), remedy=advice, error=error)
        elif kind == "bool":
            flag(name, value, error=error)
        elif kind == "str" and not isinstance(value, str):
            raise error(must_be(name, "a text", value, "Give one."))


def file_path(subject: str, value: Any, *, error: Error = InputFileError) -> Path:
    """Return ``value`` as a Path, or raise unless it is a valid path of a file."""
    if not isinstance(value, (str, os.PathLike)) or "\0" in str(value):
        raise error(must_be(subject, "the path of a file", value, "Name one."))
    return Path(value)


def instance(
    subject: str, value: Any, kind: type | tuple[type, ...], *, error: Error = UsageError
) -> None:
    """Raise unless a value is an instance of a class or of one of several classes."""
    if not isinstance(value, kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join(known.__name__ for known in kinds)
        raise error(must_be(subject, f"of the class {names}", value, "Give one."))


def regular_file(subject: str, path: str, max_bytes: int, *, error: Error = InputFileError) -> int:
    """Return the size of a regular file in bytes, or raise unless it has at most max_bytes.

    FIFOs and devices are refused because they may never end.
    """
    try:
        status = os.stat(path)
    except (OSError, ValueError) as failed:
        reason = getattr(failed, "strerror", None) or str(failed)
        raise error(must_be(subject, "a file", reason, "Check the path.")) from None
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "a pipe or device"
        raise error(f"{subject}: must be a regular file, got {kind}. Check the path.")
    if status.st_size > max_bytes:
        raise error(must_be(subject, f"a file of at most {max_bytes} bytes", status.st_size,
                            "Split it."))  # fmt: skip
    return status.st_size


def _range(low: float, high: float, above: float | None, below: float | None) -> str:
    """Return the bounds as words that follow a noun, "" if there are no bounds."""
    if (low, high) == (-MAX_FLOAT32, MAX_FLOAT32) and below is None:
        return (
            f" above {above:g} that float32 holds" if above is not None else " that float32 holds"
        )
    has_low = above is not None or low > -MAX_FLOAT64
    has_high = below is not None or high < MAX_FLOAT64
    lower = f"above {above:g}" if above is not None else f"of at least {low:g}"
    upper = f"below {below:g}" if below is not None else f"of at most {high:g}"
    if has_low and has_high:
        if above is None and below is None:
            return f" from {low:g} to {high:g}"
        return f" {lower} and {upper}"
    return f" {lower}" if has_low else f" {upper}" if has_high else ""
