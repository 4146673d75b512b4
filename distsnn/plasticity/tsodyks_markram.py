"""Short-term plasticity: facilitation and depression of a synapse by its own use.

Spike n delivers w u_n R_n, where D is the time since spike n - 1:

    u_n = U + u_(n-1) (1 - U) exp(-D / tau_facil)            u_1 = U
    R_n = 1 + (R_(n-1) (1 - u_(n-1)) - 1) exp(-D / tau_rec)  R_1 = 1

u: share of the resources that a spike uses; R: share that is there. A regular train tends to

    u = U / (1 - (1 - U) exp(-D / tau_facil)),   R = (1 - e) / (1 - (1 - u) e),  e = exp(-D / tau_rec).

Each parameter is a number, or a distribution for a value of its own for each synapse. ``LIQUID`` has
the means published for the connections of the liquid state machine (E: excitatory, I: inhibitory
neuron; "EI": from E onto I).

Source: Tsodyks & Markram 1997, PNAS 94:719; in the form of Markram, Wang & Tsodyks 1998, PNAS
95:5323; parameters of the liquid: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from distsnn.checks import MAX_FLOAT32, choice, number
from distsnn.errors import NetworkError
from distsnn.kernels.plastic.short_term import short_term_kernels

LIQUID = {
    "EE": (0.5, 1100.0, 50.0),
    "EI": (0.05, 125.0, 1200.0),
    "IE": (0.25, 700.0, 20.0),
    "II": (0.32, 144.0, 60.0),
}


@dataclass(frozen=True)
class TsodyksMarkram:
    """Parameters of short-term plasticity: utilisation U (0 to 1), tau_rec_ms and tau_facil_ms."""

    utilisation: Any = 0.5
    tau_rec_ms: Any = 1100.0
    tau_facil_ms: Any = 50.0

    family: ClassVar[str] = "short_term"
    parameter_units: ClassVar[dict[str, str]] = {
        "utilisation": "1",
    }  # fmt: skip
    splits_delay: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("utilisation", 0.0, 1.0),
            ("tau_rec_ms", 0.0, MAX_FLOAT32),
            ("tau_facil_ms", 0.0, MAX_FLOAT32),
        ):
            value = getattr(self, name)
            bounds = value.bounds() if is_distribution(value) else (value,)
            for bound in bounds:
                thing = f"TsodyksMarkram.{name}"
                number(thing, bound, low, high, remedy="Give low and high to a distribution.")

    @property
    def is_shared(self) -> bool:
        """Whether all synapses of an axon share their state: all parameters are numbers."""
        values = (self.utilisation, self.tau_rec_ms, self.tau_facil_ms)
        return not any(is_distribution(value) for value in values)

    @classmethod
    def liquid(cls, connection: str) -> TsodyksMarkram:
        """Return the mean parameters of one kind of the liquid's connections: EE, EI, IE or II."""
        choice("TsodyksMarkram.liquid: connection", connection, tuple(LIQUID), error=NetworkError)
        return cls(*LIQUID[connection])


def is_distribution(value: Any) -> bool:
    """Return whether a parameter is drawn for each synapse."""
    return hasattr(value, "bounds") and not isinstance(value, type)


deliver, deliver_each = short_term_kernels(__name__)
