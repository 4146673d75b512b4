"""The numbers of a liquid.

Source of the published column: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, section
5. The presets ``sounds`` and ``events`` are this column without background current, with weights
halved, reset to rest and signed input; docs/liquid.md says what each change gave.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

from distsnn.errors import NetworkError, UsageError

PAIRS = ("EE", "EI", "IE", "II")  # from, onto
SYNAPSES = ("static", "dynamic")


@dataclass(frozen=True)
class Column:
    """A recurrent column.

    grid: points in x, y, z. chance: C of each pair of types. weight_na: mean size of each pair;
    weight_spread: standard deviation over mean (gamma distributed). length: lambda of the distance
    rule, in grid points. recurrence: factor on all recurrent weights, 0 leaves them out. synapses:
    ``dynamic`` recurrent ones have short-term plasticity with the published means of U, D and F.
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
        for name in ("chance", "weight_na", "delay_ms"):
            if set(getattr(self, name)) != set(PAIRS):
                raise NetworkError(
                    f"liquid: {name} has {sorted(getattr(self, name))}, limit {list(PAIRS)}. "
                    "Give a number for each pair of types."
                )
        if self.synapses not in SYNAPSES:
            raise NetworkError(
                f"liquid: synapses are {self.synapses!r}, limit {', '.join(SYNAPSES)}. Choose one."
            )
        if self.recurrence < 0:
            raise NetworkError(
                f"liquid: recurrence is {self.recurrence}, limit at least 0. Give a factor."
            )


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
        if not self.moved_pixels >= 0.0:
            raise UsageError(
                f"liquid: moved_pixels is {self.moved_pixels}, limit at least 0. Give a distance in "
                "coarse pixels, 0 for no copies."
            )

    def with_grid(self, grid: tuple[int, int, int]) -> Preset:
        """Return the preset on another grid."""
        return replace(self, column=replace(self.column, grid=grid))


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
    if name not in PRESETS:
        raise UsageError(f"preset: {name!r}, limit {', '.join(PRESETS)}. Choose one of these.")
    return PRESETS[name]


def with_settings(found: Preset, settings: dict[str, object]) -> Preset:
    """Return the preset with other numbers, each named as in ``Column``, ``InputWiring``, ..."""
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
        kind = type(getattr(parts[owner], name))
        if kind in (int, float, type(None)) and isinstance(value, (str, bool)):
            raise UsageError(f"liquid: {name} is {value!r}, limit a number. Give a number.")
        value = float(value) if kind is float else value  # type: ignore[arg-type]
        parts[owner] = replace(parts[owner], **{name: value})
    whole: Preset = parts[""]
    return replace(whole, column=parts["column"], wiring=parts["wiring"], times=parts["times"])


def _is_number(part: object, name: str) -> bool:
    return isinstance(getattr(part, name, ()), (int, float, str, type(None)))
