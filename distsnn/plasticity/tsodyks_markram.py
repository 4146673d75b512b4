"""Short-term plasticity: facilitation and depression of a synapse by its own use.

Spike n delivers w u_n R_n, where D is the time since spike n - 1:

    u_n = U + u_(n-1) (1 - U) exp(-D / tau_facil)            u_1 = U
    R_n = 1 + (R_(n-1) (1 - u_(n-1)) - 1) exp(-D / tau_rec)  R_1 = 1

u: share of the available resources that a spike uses; R: available share. A regular train tends to

    u = U / (1 - (1 - U) exp(-D / tau_facil)),   R = (1 - e) / (1 - (1 - u) e),  e = exp(-D / tau_rec).

Each parameter is a number, or a distribution from which each synapse draws its own value. ``LIQUID``
has the published means of the connections of a liquid state machine (E: excitatory, I: inhibitory
neuron; "EI": from E onto I).

Source: Tsodyks & Markram 1997, PNAS 94:719; in the form of Markram, Wang & Tsodyks 1998, PNAS
95:5323; parameters of the liquid: Maass, Natschlaeger & Markram 2002, Neural Comput 14:2531.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from distsnn.checks import MAX_FLOAT32, choice, number
from distsnn.errors import NetworkError
from distsnn.kernels.plastic.short_term import short_term_kernels
from distsnn.parameters import Drawn
from distsnn.plasticity.rule import PlasticityRule

# By connection: utilisation, tau_rec_ms, tau_facil_ms (Maass et al. 2002)
LIQUID = {
    "EE": (0.5, 1100.0, 50.0),
    "EI": (0.05, 125.0, 1200.0),
    "IE": (0.25, 700.0, 20.0),
    "II": (0.32, 144.0, 60.0),
}


@dataclass(frozen=True)
class TsodyksMarkram(PlasticityRule):
    """Parameters of short-term plasticity: utilisation U (0 to 1), tau_rec_ms and tau_facil_ms."""

    utilisation: float | Drawn = 0.5  # U
    tau_rec_ms: float | Drawn = 1100.0  # recovery of R
    tau_facil_ms: float | Drawn = 50.0  # decay of u to U

    parameter_units: ClassVar[dict[str, str]] = {
        "utilisation": "1",
    }  # fmt: skip

    def __post_init__(self) -> None:
        for name, low, high in (
            ("utilisation", 0.0, 1.0),
            ("tau_rec_ms", 0.0, MAX_FLOAT32),
            ("tau_facil_ms", 0.0, MAX_FLOAT32),
        ):
            value = getattr(self, name)
            is_drawn = isinstance(value, Drawn) and not isinstance(value, type)
            # A distribution must be within the limits as a whole.
            bounds = value.bounds() if is_drawn else (value,)
            for bound in bounds:
                parameter = f"TsodyksMarkram.{name}"
                number(parameter, bound, low, high, remedy="Give low and high to a distribution.")

    @property
    def shared(self) -> tuple[float, float, float] | None:
        """U, tau_rec_ms and tau_facil_ms if all are numbers: then an axon's synapses share a state."""
        u, rec, facil = self.utilisation, self.tau_rec_ms, self.tau_facil_ms
        if isinstance(u, Drawn) or isinstance(rec, Drawn) or isinstance(facil, Drawn):
            return None
        return float(u), float(rec), float(facil)

    @property
    def kernel_names(self) -> tuple[str, ...]:
        """Names of the kernels that this file defines and this rule needs."""
        return ("deliver",) if self.shared else ("deliver_each",)

    @property
    def rested_share(self) -> float:
        """The part of its weight that a synapse at rest delivers: U, in the mean."""
        utilisation = self.utilisation
        if isinstance(utilisation, Drawn):
            # First spike: u R w with u = U and R = 1.
            return utilisation.expected()
        return float(utilisation)

    def decay_times_ms(self) -> dict[str, float]:
        """Return the longest time constant of each parameter, in ms."""
        times = super().decay_times_ms()
        return {
            name: tau.bounds()[1] if isinstance(tau, Drawn) else tau for name, tau in times.items()
        }

    @classmethod
    def liquid(cls, connection: str) -> TsodyksMarkram:
        """Return the mean parameters of one kind of the liquid's connections: EE, EI, IE or II."""
        choice("TsodyksMarkram.liquid: connection", connection, tuple(LIQUID), error=NetworkError)
        return cls(*LIQUID[connection])


deliver, deliver_each = short_term_kernels(__name__)
