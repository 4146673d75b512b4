"""Standard cell types that are written as equations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pyNN.standardmodels import cells

from distsnn.pynn.cells.engine_cell import NANO, Values, same_names, steps_ms
from distsnn.pynn.cells.from_text import (
    ADEX,
    ALPHA,
    EXP,
    HH_DEAD_MS,
    HODGKIN_HUXLEY,
    SFA_RR,
    FromText,
    Membrane,
    Response,
    scaled,
)

EXC, INH = "excitatory", "inhibitory"
IN_PF = {"cm": NANO, "i_offset": NANO}


class TwoConductances(FromText):
    """A cell type with an excitatory and an inhibitory conductance."""

    kind: ClassVar[str] = EXP
    membrane_text: ClassVar[Membrane]
    scales: ClassVar[Mapping[str, float]] = IN_PF
    variables = {
        "v": ("v", 1.0), "gsyn_exc": (f"g_{EXC}", NANO), "gsyn_inh": (f"g_{INH}", NANO),
    }  # fmt: skip

    def membrane(self) -> Membrane:
        """Return the membrane."""
        return self.membrane_text

    def responses(self) -> tuple[Response, ...]:
        """Return the two conductances."""
        return Response(EXC, self.kind, True), Response(INH, self.kind, True)

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model, by its names and in its units."""
        excitatory, inhibitory = self.responses()
        # Hodgkin-Huxley cells have no refractory time, only no second spike within one.
        refractory = values.get("tau_refrac", np.full_like(values["cm"], HH_DEAD_MS, dtype=float))
        return {
            **scaled(values, self.scales, self.membrane_text.parameters),
            **excitatory.values(values["tau_syn_E"], values["e_rev_E"]),
            **inhibitory.values(values["tau_syn_I"], values["e_rev_I"]),
            "refractory_ms": steps_ms(refractory, dt_ms),
        }


class EIF_cond_alpha_isfa_ista(TwoConductances, cells.EIF_cond_alpha_isfa_ista):  # type: ignore[misc]
    __doc__ = cells.EIF_cond_alpha_isfa_ista.__doc__
    translations = same_names(cells.EIF_cond_alpha_isfa_ista.default_parameters)
    kind = ALPHA
    membrane_text = ADEX
    variables = {**TwoConductances.variables, "w": ("w", NANO)}

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model, by its names and in its units."""
        return adaptive(super().engine_parameters(values, dt_ms), values)


def adaptive(given: dict[str, Any], values: Values) -> dict[str, np.ndarray]:
    """Return parameters with those of the adaptation in nS and pA."""
    return {**given, "b": np.asarray(values["b"], float) * NANO}


class IF_cond_exp_gsfa_grr(TwoConductances, cells.IF_cond_exp_gsfa_grr):  # type: ignore[misc]
    __doc__ = cells.IF_cond_exp_gsfa_grr.__doc__
    translations = same_names(cells.IF_cond_exp_gsfa_grr.default_parameters)
    membrane_text = SFA_RR
    variables = {**TwoConductances.variables, "g_s": ("g_s", 1.0), "g_r": ("g_r", 1.0)}


class HH_cond_exp(TwoConductances, cells.HH_cond_exp):  # type: ignore[misc]
    __doc__ = cells.HH_cond_exp.__doc__
    translations = same_names(cells.HH_cond_exp.default_parameters)
    recordable = [*cells.HH_cond_exp.recordable, "m", "h", "n"]
    units = {**cells.HH_cond_exp.units, **dict.fromkeys("mhn", "dimensionless")}
    membrane_text = HODGKIN_HUXLEY
    variables = {**TwoConductances.variables, **{name: (name, 1.0) for name in "mhn"}}
    scales = {
        **IN_PF, "gbar_Na": NANO, "gbar_K": NANO, "g_leak": NANO,
    }  # fmt: skip

    def derived_initial(self, values: Values, initial: Values) -> dict[str, np.ndarray]:
        """Return the gates at rest at the initial potential, where they are not given."""
        # s = v - v_offset, as in the equations
        s = np.asarray(initial["v"], float) - np.asarray(values["v_offset"], float)
        # x = a / (a + b), a and b the rates of opening and closing
        rates = {
            "m": (1.28 / exprel((13 - s) / 4), 1.4 / exprel((s - 40) / 5)),
            "h": (0.128 * np.exp((17 - s) / 18), 4 / (1 + np.exp((40 - s) / 5))),
            "n": (0.16 / exprel((15 - s) / 5), 0.5 * np.exp((10 - s) / 40)),
        }
        return {name: a / (a + b) for name, (a, b) in rates.items() if name not in initial}


def exprel(x: np.ndarray) -> np.ndarray:
    """Return (exp(x) - 1) / x, 1 at x = 0."""
    # The limit at 0 is reached from nearby.
    x = np.where(np.abs(x) < 1e-9, 1e-9, x)
    return np.asarray(np.expm1(x) / x)
