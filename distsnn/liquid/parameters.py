"""The parameters of a liquid, its input wiring and its read-out times.

Source of the default column: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531, section 5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from distsnn.checks import must_be, number
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
    TIMES_LIMITS,
    WIRING_LIMITS,
    AnInstance,
    Check,
    real,
    require_fields,
)
from distsnn.time_grid import given_steps


@dataclass(frozen=True)
class Column:
    """A recurrent column.

    Two neurons at distance D are connected with probability C exp(-(D / lambda)^2).

    grid: points in x, y, z. probability: C of each pair of types, source before target. length:
    lambda, in grid points. weight_na: mean size of each pair; weight_spread: standard deviation over
    mean (gamma distributed). recurrence: factor on all recurrent weights; 0 leaves them out.
    synapses: ``static``, or ``dynamic`` for short-term plasticity with the published means of U, D
    and F. delay_ms: of each pair, rounded to steps of the preset, at least one; the published
    delays are not whole steps. Refractory times are whole steps.
    """

    # Published column: 135 neurons, 20 % of them inhibitory.
    grid: tuple[int, int, int] = (15, 3, 3)
    inhibitory_share: float = 0.2
    length: float = 2.0
    probability: dict[str, float] = field(
        # C of Maass et al. 2002
        default_factory=lambda: {"EE": 0.3, "EI": 0.2, "IE": 0.4, "II": 0.1}
    )
    weight_na: dict[str, float] = field(
        default_factory=lambda: {"EE": 30.0, "EI": 60.0, "IE": 19.0, "II": 19.0}
    )
    # Gamma distributed weights with a standard deviation equal to the mean, as published.
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
    """Connections from the input channels to the liquid.

    fan: channels onto each neuron. weight_na: mean size; weight_spread as in ``Column``.
    negative_share: probability that a connection inhibits; negative_factor: on the weights of
    those. inhibitory_factor: on the weights onto inhibitory neurons. spread_pixels: standard
    deviation of the channels' pixels around the pixel that corresponds to the neuron's grid point;
    None draws from all channels alike.
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
    """When and how the state is read, ``n`` times; see ``distsnn.liquid.states``.

    kind ``filtered``: spikes filtered by exp(-t / tau_ms), at n times; ``triangular``: spikes counted
    in n overlapping triangular windows. The square root of the value is the feature. clock ``time``:
    the times divide the recording equally; ``input``: they divide the spikes of the input equally,
    and are ``lag_ms`` later.
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
    """All parameters for one kind of recording.

    tail_ms: how long the liquid runs on after its input. max_ms: events after this time are left
    out. moved_pixels: a read-out is also trained on copies of its recordings that are moved left,
    right, up and down by this many coarse pixels of the image; 0: no copies. Sounds have none.
    """

    column: Column
    wiring: InputWiring
    times: ReadoutTimes
    dt_ms: float = 1.0
    tail_ms: float = 30.0
    max_ms: float = 2000.0
    moved_pixels: float = 0.0

    def __post_init__(self) -> None:
        require_fields("liquid", self, PRESET_LIMITS)
        # Durations are bounded in steps as well as in ms.
        longest_ms = MAX_STEPS * self.dt_ms
        for name in ("tail_ms", "max_ms"):
            number(
                f"liquid: {name} in steps of {self.dt_ms:g} ms", getattr(self, name), 0.0, longest_ms,
                error=UsageError,
            )  # fmt: skip
        n_features = self.times.n * self.column.n_neurons
        if n_features > MAX_FEATURES:
            limit = f"at most {MAX_FEATURES} features, times x neurons"
            raise UsageError(
                must_be("read-out times: n", limit, n_features, "Use fewer times or neurons.")
            )

    @property
    def tail_steps(self) -> int:
        """``tail_ms`` in steps. Raises UsageError if it is not whole steps."""
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
    "max_ms": real(high=MAX_MS, above=0.0),
    "moved_pixels": real(0.0, MAX_PIXELS),
}
