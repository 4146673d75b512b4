"""Cell types written as equations: a membrane, and any receptors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import e
from typing import TYPE_CHECKING, Any

import numpy as np

from distsnn.neurons.model import NeuronModel
from distsnn.pynn.cells.engine_cell import EngineCell, Values, one_or_all

if TYPE_CHECKING:
    from distsnn.equations.model import EquationsModel

# Kinds of responses, each a text with {x} for the receptor: equations, what a weight does, current.
# jump_{x}: such that a weight is the peak.
EXP = "dg_{x}/dt = -g_{x}/tau_{x}"
ALPHA = "dg_{x}/dt = h_{x} - g_{x}/tau_{x}\ndh_{x}/dt = -h_{x}/tau_{x}"
BETA = "dg_{x}/dt = h_{x} - g_{x}/tau_{x}\ndh_{x}/dt = -h_{x}/rise_{x}"
CONDUCTANCE, CURRENT = "g_{x}*(rev_{x} - v)", "g_{x}"


@dataclass(frozen=True)
class Response:
    """What spikes that arrive at a receptor do.

    name: of the receptor in the text. equations, current: see above. is_conductance: whether sizes of
    weights arrive, else the weights.
    """

    name: str
    equations: str
    is_conductance: bool

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters in the text."""
        names = ["tau"]
        if self.is_conductance:
            names.append("rev")
        if self.equations != EXP:
            names.append("jump")
        if self.equations == BETA:
            names.append("rise")
        return tuple(f"{name}_{self.name}" for name in names)

    def text(self) -> str:
        """Return the equations."""
        return self.equations.format(x=self.name)

    def current(self) -> str:
        """Return the current into the membrane."""
        return (CONDUCTANCE if self.is_conductance else CURRENT).format(x=self.name)

    def on_weight(self) -> str:
        """Return what a weight does."""
        weight = "abs(weight)" if self.is_conductance else "weight"
        if self.equations == EXP:
            return f"g_{self.name} += {weight}"
        return f"h_{self.name} += {weight}*jump_{self.name}"

    def values(self, tau: np.ndarray, rev: Any, rise: Any = None) -> dict[str, np.ndarray]:
        """Return the parameters of cells; tau, rise: in ms, rev: in mV."""
        tau = np.asarray(tau, float)
        given = {f"tau_{self.name}": tau}
        if self.is_conductance:
            given[f"rev_{self.name}"] = np.asarray(rev, float)
        # e / tau: the peak of t exp(-t / tau) is tau / e.
        if self.equations == ALPHA:
            given[f"jump_{self.name}"] = e / tau
        if self.equations == BETA:
            given[f"rise_{self.name}"] = rise = np.asarray(rise, float)
            # g = h tau rise / (tau - rise) (exp(-t/tau) - exp(-t/rise)), 1 at its peak
            peak = tau * rise / (tau - rise) * np.log(tau / rise)
            shape = np.exp(-peak / tau) - np.exp(-peak / rise)
            given[f"jump_{self.name}"] = (tau - rise) / (tau * rise * shape)
        return given


@dataclass(frozen=True)
class Membrane:
    """Equations of a membrane. {syn} in text: the sum of synaptic currents in pA."""

    text: str
    threshold: str
    reset: str
    parameters: tuple[str, ...]
    method: str = "auto"
    resting: str = "v_rest"


LIF = Membrane(
    "dv/dt = (v_rest - v)/tau_m + ({syn} + i_offset + current)/cm (unless refractory)",
    "v >= v_thresh", "v = v_reset",
    ("v_rest", "tau_m", "cm", "i_offset", "v_thresh", "v_reset"),
)  # fmt: skip
ADEX = Membrane(
    "dv/dt = (v_rest - v + delta_T*exp((v - v_thresh)/delta_T))/tau_m"
    " + ({syn} - w + i_offset + current)/cm (unless refractory)\n"
    "dw/dt = (a*(v - v_rest) - w)/tau_w",
    "v >= v_spike", "v = v_reset; w += b",
    ("v_rest", "tau_m", "cm", "i_offset", "v_thresh", "v_reset", "v_spike", "delta_T", "a", "b",
     "tau_w"),
    "rk4",
)  # fmt: skip
SFA_RR = Membrane(
    "dv/dt = (v_rest - v)/tau_m"
    " + ({syn} + g_s*(e_rev_sfa - v) + g_r*(e_rev_rr - v) + i_offset + current)/cm"
    " (unless refractory)\n"
    "dg_s/dt = -g_s/tau_sfa\n"
    "dg_r/dt = -g_r/tau_rr",
    "v >= v_thresh", "v = v_reset; g_s += q_sfa; g_r += q_rr",
    ("v_rest", "tau_m", "cm", "i_offset", "v_thresh", "v_reset", "tau_sfa", "e_rev_sfa", "q_sfa",
     "tau_rr", "e_rev_rr", "q_rr"),
    "rk4",
)  # fmt: skip
# Traub & Miles 1991 as in Brette et al. 2007, J Comput Neurosci 23:349
HODGKIN_HUXLEY = Membrane(
    "dv/dt = (g_leak*(e_rev_leak - v) + gbar_Na*m**3*h*(e_rev_Na - v) + gbar_K*n**4*(e_rev_K - v)"
    " + {syn} + i_offset + current)/cm\n"
    "s = v - v_offset\n"
    "dm/dt = 1.28/exprel((13 - s)/4)*(1 - m) - 1.4/exprel((s - 40)/5)*m\n"
    "dh/dt = 0.128*exp((17 - s)/18)*(1 - h) - 4/(1 + exp((40 - s)/5))*h\n"
    "dn/dt = 0.16/exprel((15 - s)/5)*(1 - n) - 0.5*exp((10 - s)/40)*n",
    "v > v_offset + 30", "",
    ("gbar_Na", "gbar_K", "g_leak", "cm", "v_offset", "e_rev_Na", "e_rev_K", "e_rev_leak", "i_offset"),
    "exponential_euler", "e_rev_leak",
)  # fmt: skip
HH_DEAD_MS = 2.0  # no second spike while v is above the threshold


@lru_cache(maxsize=64)
def equations_of(membrane: Membrane, responses: tuple[Response, ...]) -> EquationsModel:
    """Return the equations, with parameters of 1, which a model replaces."""
    from distsnn.equations import Equations  # needs sympy, which takes long to import

    # The sum of all currents takes the place of {syn}.
    syn = " + ".join(response.current() for response in responses) or "0"
    text = "\n".join(
        [membrane.text.format(syn=f"({syn})"), *(response.text() for response in responses)]
    )
    names = [*membrane.parameters, *(n for response in responses for n in response.parameters)]
    # Linear equations are exact; conductances make them products.
    is_linear = membrane.method == "auto" and not any(r.is_conductance for r in responses)
    return Equations(
        text,
        threshold=membrane.threshold,
        reset=membrane.reset,
        refractory_ms=1.0,
        receptors={response.name: response.on_weight() for response in responses},
        parameters=dict.fromkeys(names, 1.0),
        initial={"v": membrane.resting},
        method="auto" if is_linear else (membrane.method if membrane.method != "auto" else "rk4"),
    )


class FromText(EngineCell):
    """A cell type that is a membrane with responses."""

    def membrane(self) -> Membrane:
        """Return the membrane."""
        raise NotImplementedError

    def responses(self) -> Sequence[Response]:
        """Return the responses, in the order of the receptors."""
        raise NotImplementedError

    def engine_model(self, values: Values, dt_ms: float) -> NeuronModel:
        """Return the model of cells with these parameters."""
        model = equations_of(self.membrane(), tuple(self.responses()))
        given = self.engine_parameters(values, dt_ms)
        changed: NeuronModel = model(**{name: one_or_all(v) for name, v in given.items()})
        return changed


def scaled(values: Values, scales: Mapping[str, float], names: Sequence[str]) -> dict[str, Any]:
    """Return parameters by name, in the model's units."""
    return {name: np.asarray(values[name], float) * scales.get(name, 1.0) for name in names}
