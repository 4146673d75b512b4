"""The numbers of a liquid.

Source of the published column: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, section
5. The presets ``sounds`` and ``events`` are this column without background current, with weights
halved, reset to rest and signed input; docs/liquid.md says what each change gave.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from distsnn.checks import choice, instance, must_be, number
from distsnn.errors import NetworkError, UsageError
from distsnn.liquid.limits import (
    COLUMN_LIMITS,
    MAX_DT_MS,
    MAX_FEATURES,
    MAX_MS,
    MAX_NEURONS,
    MAX_PIXELS,
    MAX_STEPS,
    MIN_DT_MS,
    PAIRS,
    TIMES_LIMITS,
    WIRING_LIMITS,
    AnInstance,
    Check,
    real,
    require_fields,
)
from distsnn.time_grid import given_steps

__all__ = [
    "PAIRS", "PRESETS", "Column", "InputWiring", "Preset", "ReadoutTimes", "preset", "with_settings",
]  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A recurrent column.

    grid: points in x, y, z. chance: C of each pair of types. weight_na: mean size of each pair;
    weight_spread: standard deviation over mean (gamma distributed). length: lambda of the distance
    rule, in grid points. recurrence: factor on all recurrent weights, 0 leaves them out. synapses:
    ``dynamic`` recurrent ones have short-term plasticity with the published means of U, D and F.
    delay_ms: of each pair, rounded to steps of the preset (at least one), as published ones lie
    between them; refractory times are whole steps.
    """

    grid: tuple[int, int, int] = (15, 3, 3)
    inhibitory_share: float = 0.2
    length: float = 2.0
    chance: dict[str, float] = field(
        default_factory=lambda: {"EE": 0.3, "EI": 0.2, "IE": 0.4, "II": 0.1}
    )
    weight_na: dict[str, float] = field(
        default_factory=lambda: {"EE": 30.0, "EI": 60.0, "IE": 19.0, "II": 19.0}
    )
    weight_spread: float = 1.0
    recurrence: float = 1.0
    synapses: str = "static"
    delay_ms: dict[str, float] = field(
        default_factory=lambda: {"EE": 1.5, "EI": 0.8, "IE": 0.8, "II": 0.8}
    )
    tau_m_ms: float = 30.0
    v_threshold_mv: float = 15.0
    v_reset_mv: float = 13.5
    v_floor_mv: float = -20.0
    background_na: float = 13.5
    t_ref_e_ms: float = 3.0
    t_ref_i_ms: float = 2.0
    tau_syn_e_ms: float = 3.0
    tau_syn_i_ms: float = 6.0

    def __post_init__(self) -> None:
        require_fields("liquid", self, COLUMN_LIMITS, NetworkError)
        if math.prod(self.grid) > MAX_NEURONS:
            limit = f"of at most {MAX_NEURONS} points"
            raise NetworkError(must_be("liquid: grid", limit, self.grid, "Make it smaller."))

    @property
    def n_neurons(self) -> int:
        """Neurons: one on each point of the grid."""
        return math.prod(self.grid)


@dataclass(frozen=True)
class InputWiring:
    """How lines reach the liquid.

    fan: lines onto each neuron. weight_na: mean size; weight_spread as in ``Column``.
    negative_share: chance of a line to inhibit; negative_factor: on the weights of those.
    inhibitory_factor: on the weights onto inhibitory neurons. spread_pixels: None draws lines from
    all; a number draws them around the place in the image that the neuron's x and y stand for.
    """

    fan: int = 4
    weight_na: float = 18.0
    weight_spread: float = 1.0
    negative_share: float = 0.0
    negative_factor: float = 1.0
    inhibitory_factor: float = 0.5
    spread_pixels: float | None = None

    def __post_init__(self) -> None:
        require_fields("liquid", self, WIRING_LIMITS)


@dataclass(frozen=True)
class ReadoutTimes:
    """Which states are read: ``n`` of them; see ``distsnn.liquid.states``.

    kind ``filtered``: spikes seen through exp(-t / tau_ms) at n times; ``hats``: spikes counted
    in n overlapping triangles. The square root of the value is the feature. clock ``time``: the
    times divide the recording equally; ``input``: they divide the input's spikes, ``lag_ms``
    later.
    """

    kind: str = "filtered"
    n: int = 12
    tau_ms: float = 50.0
    clock: str = "time"
    lag_ms: float = 0.0

    def __post_init__(self) -> None:
        require_fields("read-out times", self, TIMES_LIMITS)


@dataclass(frozen=True)
class Preset:
    """What belongs together for one kind of recording.

    moved_pixels: a read-out is also trained on copies of its recordings that are moved to the four
    sides by this part of a coarse pixel of the image; 0: without copies. Sounds have none.
    """

    column: Column
    wiring: InputWiring
    times: ReadoutTimes
    dt_ms: float = 1.0
    tail_ms: float = 30.0
    most_ms: float = 2000.0
    moved_pixels: float = 0.0

    def __post_init__(self) -> None:
        require_fields("liquid", self, PRESET_LIMITS)
        most_ms = MAX_STEPS * self.dt_ms
        for name in ("tail_ms", "most_ms"):
            number(
                f"liquid: {name} in steps of {self.dt_ms:g} ms", getattr(self, name), 0.0, most_ms,
                error=UsageError,
            )  # fmt: skip
        n_features = self.times.n * self.column.n_neurons
        if n_features > MAX_FEATURES:
            limit = f"at most {MAX_FEATURES} states of neurons in all"
            raise UsageError(
                must_be("read-out times: n", limit, n_features, "Use fewer times or neurons.")
            )

    @property
    def tail_steps(self) -> int:
        """Steps that a liquid runs on after its input; raises where tail_ms is not whole steps."""
        return given_steps("liquid: tail_ms", self.tail_ms, self.dt_ms, error=UsageError)

    def with_grid(self, grid: tuple[int, int, int]) -> Preset:
        """Return the preset on another grid."""
        return replace(self, column=replace(self.column, grid=grid))


PRESET_LIMITS: dict[str, Check] = {
    "column": AnInstance(Column),
    "wiring": AnInstance(InputWiring),
    "times": AnInstance(ReadoutTimes),
    "dt_ms": real(MIN_DT_MS, MAX_DT_MS),
    "tail_ms": real(0.0, MAX_MS),
    "most_ms": real(high=MAX_MS, above=0.0),
    "moved_pixels": real(0.0, MAX_PIXELS),
}


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
        ReadoutTimes("hats", 8),
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
        ReadoutTimes("hats", 9),
        tail_ms=0.0,
        most_ms=316.0,
        moved_pixels=0.5,
    ),
}


def preset(name: str) -> Preset:
    """Return a preset by name."""
    choice("preset", name, tuple(PRESETS))
    return PRESETS[name]


def with_settings(found: Preset, settings: dict[str, object]) -> Preset:
    """Return the preset with other numbers, each named as in ``Column``, ``InputWiring``, ..."""
    instance("with_settings: found", found, Preset)
    instance("with_settings: settings", settings, dict)
    parts: dict[str, Any] = {
        "column": found.column,
        "wiring": found.wiring,
        "times": found.times,
        "": found,
    }
    for name, value in settings.items():
        owner = next((key for key, part in parts.items() if _is_number(part, name)), None)
        if owner is None:
            known = sorted(
                {f.name for p in parts.values() for f in fields(p) if _is_number(p, f.name)}
            )
            raise UsageError(
                f"liquid: setting {name!r} is unknown, limit {', '.join(known)}. Check the name."
            )
        parts[owner] = replace(parts[owner], **{name: value})
    whole: Preset = parts[""]
    return replace(whole, column=parts["column"], wiring=parts["wiring"], times=parts["times"])


def _is_number(part: object, name: str) -> bool:
    return isinstance(getattr(part, name, ()), (int, float, str, type(None)))
