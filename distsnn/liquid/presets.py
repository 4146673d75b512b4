"""Ready parameters of liquids, by the kind of recording.

``published`` is the column of Maass, Natschlaeger & Markram 2002 (Neural Comput 14:2531) with its
dynamic synapses. ``sounds`` and ``events`` are this column without background current, with weights
halved, reset to rest and signed input; docs/liquid.md has what each change gave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from distsnn.checks import choice, instance, must_be
from distsnn.errors import UsageError
from distsnn.liquid.parameters import Column, InputWiring, Preset, ReadoutTimes

QUIET = Column(
    weight_na={"EE": 15.0, "EI": 30.0, "IE": 9.5, "II": 9.5},
    delay_ms={"EE": 1.0, "EI": 1.0, "IE": 1.0, "II": 1.0},
    v_reset_mv=0.0,
    background_na=0.0,
)

PRESETS = {
    "published": Preset(
        Column(synapses="dynamic"),
        InputWiring(fan=4, weight_na=2.5),
        ReadoutTimes("triangular", 8),
        dt_ms=0.5,
    ),
    "sounds": Preset(
        replace(QUIET, tau_m_ms=15.0),
        InputWiring(fan=12, weight_na=60.0, weight_spread=0.5, negative_share=0.5),
        ReadoutTimes("filtered", 12, clock="input"),
    ),
    "events": Preset(
        QUIET,
        InputWiring(
            fan=24,
            weight_na=60.0,
            weight_spread=0.5,
            negative_share=0.5,
            negative_factor=0.5,
            inhibitory_factor=1.0,
            spread_pixels=3.0,
        ),
        ReadoutTimes("triangular", 9),
        tail_ms=0.0,
        max_ms=316.0,
        moved_pixels=0.5,
    ),
}


def preset(name: str) -> Preset:
    """Return a preset by name."""
    choice("preset", name, tuple(PRESETS))
    return PRESETS[name]


def with_settings(base: Preset, settings: Mapping[str, object]) -> Preset:
    """Return a preset with other values of single fields, by name.

    A name that several parts have belongs to the first of column, wiring and times. Raises
    UsageError for an unknown name, and what the part raises for its value.
    """
    instance("with_settings: base", base, Preset)
    instance("with_settings: settings", settings, dict)
    parts: dict[str, Any] = {
        "column": base.column, "wiring": base.wiring, "times": base.times, "": base,
    }  # fmt: skip
    # Later parts are entered first, so that the first part with a name keeps it.
    owner_of = {name: key for key in reversed(parts) for name in _single_values(parts[key])}
    for name, value in settings.items():
        if name not in owner_of:
            known = ", ".join(sorted(owner_of))
            raise UsageError(must_be("liquid: setting", f"one of {known}", name, "Check the name."))
        owner = owner_of[name]
        parts[owner] = replace(parts[owner], **{name: value})
    whole: Preset = parts.pop("")
    return replace(whole, **parts)


def _single_values(part: Any) -> list[str]:
    """Return the names of the fields of a dataclass that hold one number or word, or None."""
    return [name for name, value in vars(part).items()
            if isinstance(value, (int, float, str, type(None)))]  # fmt: skip
