"""Schema of the description of a trained liquid (``run.json``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, TypeVar

from distsnn.checks import MAX_FLOAT64, must_be
from distsnn.errors import InputFileError, UsageError
from distsnn.liquid.inputs.filter_bank import FilterBank
from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder
from distsnn.liquid.limits import MAX_NEURONS, Check, Error, one_of, or_none, real, several, whole
from distsnn.liquid.parameters import Column, InputWiring, Preset, ReadoutTimes

Part = TypeVar("Part")
VERSION = 3
READOUTS = ("liquid", "without_recurrence", "without_liquid")
MAX_TEXT = 1000  # characters
MAX_ENTRIES = 100_000
MAX_CLASSES = 10_000
MAX_RECORDINGS = 1 << 31


def text(thing: str, value: Any, error: Error) -> str:
    """Return ``value``, or raise unless it is text without a line break."""
    if not isinstance(value, str) or len(value) > MAX_TEXT or "\n" in value:
        raise error(must_be(thing, "text in one line", value, "Train it again."))
    return value


def named(inner: Check) -> Check:
    """Return the check of a dictionary with any keys."""

    def check(thing: str, value: Any, error: Error) -> dict[str, Any]:
        if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_ENTRIES:
            raise error(must_be(thing, "a dictionary that is not empty", value, "Train it again."))
        return {text(thing, k, error): inner(f"{thing} {k}", v, error) for k, v in value.items()}

    return check


_percent, _count, _size = real(0.0, 100.0), whole(0, 2**63 - 1), real(0.0, MAX_FLOAT64)
REPORT: dict[str, Check] = {
    "n_train": whole(1, MAX_RECORDINGS),
    "n_played": whole(1, MAX_RECORDINGS),
    "accuracies": named(named(_percent)),
    "by_group": named(named(_percent)),
    "alpha": named(real(high=MAX_FLOAT64, above=0.0)),
    "confusion": several(several(_count, 1, MAX_CLASSES), 1, MAX_CLASSES),
    "joules_per_sample": or_none(_size),
    **dict.fromkeys(("baseline_times", "digest", "traffic_digest"), text),
    **dict.fromkeys(("neurons", "cores", "synapses"), _count),
    **dict.fromkeys(
        ("seconds", "spikes_per_sample", "input_spikes_per_sample", "packets_per_sample",
         "mean_rate_hz", "model_seconds", "play_seconds", "samples_per_second", "times_real_time"),
        _size,
    ),
}  # fmt: skip
RUN: dict[str, Check] = {
    "kind": one_of("sounds", "events"),
    "classes": several(text, 2, MAX_CLASSES),
    "seed": whole(0, 2**64 - 1),
    "chip": text,
    "neurons_per_core": whole(1, MAX_NEURONS),
    "digest": text,
}
PARTS = ("encoder", "preset", "readouts", "training", "version")


def keys_of(thing: str, value: Any, keys: set[str]) -> dict[str, Any]:
    """Return a dictionary, or raise InputFileError unless it has exactly these keys."""
    if not isinstance(value, dict):
        raise InputFileError(must_be(thing, "a dictionary", value, "Train it again."))
    wrong = sorted(keys ^ value.keys())
    if wrong:
        is_missing = wrong[0] in keys
        limit = f"{'with' if is_missing else 'without'} {wrong[0]}"
        raise InputFileError(f"{thing}: must be {limit}, got {sorted(value)[:9]}. Train it again.")
    return value


def checked(thing: str, value: Any, limits: Mapping[str, Check]) -> dict[str, Any]:
    """Return a dictionary with the values that the checks return."""
    entries = keys_of(thing, value, set(limits))
    return {name: check(f"{thing}: {name}", entries[name], InputFileError)
            for name, check in limits.items()}  # fmt: skip


def part_of(thing: str, value: Any, kind: type[Part]) -> Part:
    """Return a dataclass from a dictionary of its fields, which its class checks."""
    names = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]
    return kind(**keys_of(thing, value, names))


def preset_of(thing: str, value: Any) -> Preset:
    """Return a preset from a dictionary."""
    parts = dict(keys_of(thing, value, {entry.name for entry in fields(Preset)}))
    for name, kind in (("column", Column), ("wiring", InputWiring), ("times", ReadoutTimes)):
        parts[name] = part_of(f"{thing}: {name}", parts[name], kind)
    return Preset(**parts)


def encoder_of(thing: str, value: Any, kind: str) -> SoundEncoder | EventEncoder:
    """Return the encoder of a kind of recordings from a dictionary."""
    if kind == "events":
        return part_of(thing, value, EventEncoder)
    parts = dict(keys_of(thing, value, {entry.name for entry in fields(SoundEncoder)}))
    parts["bank"] = part_of(f"{thing}: bank", parts["bank"], FilterBank)
    return SoundEncoder(**parts)


def report_of(thing: str, value: Any, classes: tuple[str, ...]) -> dict[str, Any]:
    """Return the report of a training. Raises InputFileError unless its parts are consistent."""
    report = checked(thing, value, REPORT)
    divisions = {tuple(scores) for scores in report["accuracies"].values()}
    n_groups = {division for names in divisions for division in names}
    # The confusion matrix must be square, one row per class.
    sizes = {len(classes), len(report["confusion"]), *(len(row) for row in report["confusion"])}
    if len(divisions) != 1 or n_groups != report["by_group"].keys() or len(sizes) != 1:
        raise InputFileError(
            f"{thing}: must be of one set of recordings, got numbers of several. Train it again."
        )
    if len(set(classes)) != len(classes):
        raise UsageError(f"{thing}: must be of classes that differ, got one twice. Train it again.")
    return dict(value)
