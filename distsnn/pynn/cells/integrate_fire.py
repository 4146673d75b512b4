"""Cell types that are models which come with distsnn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np
from pyNN.standardmodels import cells

from distsnn import neurons
from distsnn.neurons.model import NeuronModel
from distsnn.pynn.cells.engine_cell import (
    NANO,
    EngineCell,
    Values,
    one_or_all,
    same_names,
    steps_ms,
)

CURRENTS = {"v": ("v", 1.0), "isyn_exc": ("i_e", NANO), "isyn_inh": ("i_i", NANO)}
CONDUCTANCES = {"v": ("v", 1.0), "gsyn_exc": ("g_e", NANO), "gsyn_inh": ("g_i", NANO)}
CURRENT_UNITS = {"isyn_exc": "nA", "isyn_inh": "nA"}

# PyNN's name: the model's, and PyNN's unit in the model's
MEMBRANE = {
    "v_rest": ("e_l_mv", 1.0), "v_thresh": ("v_threshold_mv", 1.0), "v_reset": ("v_reset_mv", 1.0),
    "cm": ("c_m_pf", NANO), "i_offset": ("i_offset_pa", NANO),
}  # fmt: skip
SYNAPSES = {"tau_syn_E": ("tau_syn_e_ms", 1.0), "tau_syn_I": ("tau_syn_i_ms", 1.0)}
REVERSAL = {"e_rev_E": ("e_e_mv", 1.0), "e_rev_I": ("e_i_mv", 1.0)}


class Packaged(EngineCell):
    """A cell type of a packaged model.

    model_type: returns the model, which is imported then. scaled: parameters that differ in name and
    unit alone.
    """

    model_type: ClassVar[staticmethod[[], type[NeuronModel]]]
    scaled: ClassVar[Mapping[str, tuple[str, float]]]

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model, by its names and in its units."""
        given = {
            name: np.asarray(values[pynn_name], float) * scale
            for pynn_name, (name, scale) in self.scaled.items()
        }
        # The engine counts the refractory time in steps.
        if "tau_refrac" in values:
            given["t_ref_ms"] = steps_ms(values["tau_refrac"], dt_ms)
        return {**given, **self.computed(values)}

    def computed(self, values: Values) -> dict[str, np.ndarray]:
        """Return the parameters that follow from several of PyNN's."""
        return {}

    def engine_model(self, values: Values, dt_ms: float) -> NeuronModel:
        """Return the model of cells with these parameters."""
        given = self.engine_parameters(values, dt_ms)
        return self.model_type()(**{name: one_or_all(column) for name, column in given.items()})


class Conductance(Packaged):
    """A model with a leak conductance, g_L = C_m / tau_m."""

    variables = CONDUCTANCES

    def computed(self, values: Values) -> dict[str, np.ndarray]:
        """Return the leak conductance in nS."""
        # nF / ms = uS
        return {"g_l_ns": np.asarray(values["cm"], float) * NANO / values["tau_m"]}


class IF_curr_exp(Packaged, cells.IF_curr_exp):  # type: ignore[misc]
    __doc__ = cells.IF_curr_exp.__doc__
    translations = same_names(cells.IF_curr_exp.default_parameters)
    recordable = ["spikes", *CURRENTS]
    units = {**cells.IF_curr_exp.units, **CURRENT_UNITS}
    model_type = staticmethod(lambda: neurons.LifExp)
    scaled = {**MEMBRANE, **SYNAPSES, "tau_m": ("tau_m_ms", 1.0)}
    variables = CURRENTS


class IF_curr_alpha(Packaged, cells.IF_curr_alpha):  # type: ignore[misc]
    __doc__ = cells.IF_curr_alpha.__doc__
    translations = same_names(cells.IF_curr_alpha.default_parameters)
    recordable = ["spikes", *CURRENTS]
    units = {**cells.IF_curr_alpha.units, **CURRENT_UNITS}
    model_type = staticmethod(lambda: neurons.LifAlpha)
    scaled = {**MEMBRANE, **SYNAPSES, "tau_m": ("tau_m_ms", 1.0)}
    variables = CURRENTS


# A weight is a jump of the potential in mV, as of the cell of Izhikevich.
class IF_curr_delta(Packaged, cells.IF_curr_delta):  # type: ignore[misc]
    __doc__ = cells.IF_curr_delta.__doc__
    translations = same_names(cells.IF_curr_delta.default_parameters)
    model_type = staticmethod(lambda: neurons.LifDelta)
    scaled = {**MEMBRANE, "tau_m": ("tau_m_ms", 1.0)}
    receptors = {"excitatory": "input", "inhibitory": "input"}
    weight_scale = 1.0  # mV


class IF_cond_exp(Conductance, cells.IF_cond_exp):  # type: ignore[misc]
    __doc__ = cells.IF_cond_exp.__doc__
    translations = same_names(cells.IF_cond_exp.default_parameters)
    model_type = staticmethod(lambda: neurons.LifCondExp)
    scaled = {**MEMBRANE, **SYNAPSES, **REVERSAL}


class IF_cond_alpha(Conductance, cells.IF_cond_alpha):  # type: ignore[misc]
    __doc__ = cells.IF_cond_alpha.__doc__
    translations = same_names(cells.IF_cond_alpha.default_parameters)
    model_type = staticmethod(lambda: neurons.LifCondAlpha)
    scaled = {**MEMBRANE, **SYNAPSES, **REVERSAL}


class IF_facets_hardware1(Packaged, cells.IF_facets_hardware1):  # type: ignore[misc]
    __doc__ = cells.IF_facets_hardware1.__doc__
    translations = same_names(cells.IF_facets_hardware1.default_parameters)
    model_type = staticmethod(lambda: neurons.LifCondExp)
    variables = CONDUCTANCES
    scaled = {
        "v_rest": ("e_l_mv", 1.0), "v_thresh": ("v_threshold_mv", 1.0),
        "v_reset": ("v_reset_mv", 1.0), "g_leak": ("g_l_ns", 1.0), "e_rev_I": ("e_i_mv", 1.0),
        **SYNAPSES,
    }  # fmt: skip

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model; those of the chip are fixed: 200 pF, 1 ms, 0 mV."""
        given = super().engine_parameters(values, dt_ms)
        # One value for each cell, as of the parameters that vary.
        like = np.ones_like(given["e_l_mv"])
        return {
            **given, "c_m_pf": 200.0 * like, "t_ref_ms": steps_ms(like, dt_ms), "e_e_mv": 0.0 * like,
        }  # fmt: skip


class EIF_cond_exp_isfa_ista(Conductance, cells.EIF_cond_exp_isfa_ista):  # type: ignore[misc]
    __doc__ = cells.EIF_cond_exp_isfa_ista.__doc__
    translations = same_names(cells.EIF_cond_exp_isfa_ista.default_parameters)
    model_type = staticmethod(lambda: neurons.AdEx)
    variables = {**CONDUCTANCES, "w": ("w", NANO)}
    scaled = {
        **{name: MEMBRANE[name] for name in ("v_rest", "v_reset", "cm", "i_offset")},
        **SYNAPSES, **REVERSAL, "v_thresh": ("v_t_mv", 1.0), "v_spike": ("v_peak_mv", 1.0),
        "a": ("a_ns", 1.0), "b": ("b_pa", NANO), "delta_T": ("delta_t_mv", 1.0),
        "tau_w": ("tau_w_ms", 1.0),
    }  # fmt: skip


class Izhikevich(Packaged, cells.Izhikevich):  # type: ignore[misc]
    __doc__ = cells.Izhikevich.__doc__
    translations = same_names(cells.Izhikevich.default_parameters)
    model_type = staticmethod(lambda: neurons.Izhikevich)
    variables = {"v": ("v", 1.0), "u": ("u", 1.0)}
    scaled = {
        "a": ("a", 1.0), "b": ("b", 1.0), "c": ("c_mv", 1.0), "d": ("d", 1.0),
        "i_offset": ("i_offset", NANO),
    }  # fmt: skip
    weight_scale = 1.0  # mV

    def running_name(self, name: str) -> str:
        """Return the name of the state variable that a parameter is in a running network."""
        # a, b, c and d are kept for each neuron.
        return {"c_mv": "c"}.get(name, name)
