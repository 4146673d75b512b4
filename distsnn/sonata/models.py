"""Point neurons of SONATA as neuron models: templates and parameters in NEST's words.

Defaults are those of NEST 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from distsnn.checks import is_number, must_be
from distsnn.errors import InputFileError
from distsnn.input_files.whole import read_json
from distsnn.neurons import AdEx, LifAlpha, LifCondAlpha, LifCondExp, LifDelta, LifExp, NeuronModel
from distsnn.sonata.own import OWN, is_plain, own_defaults, own_model_of, own_network_part

MEMBRANE = {"C_m": "c_m_pf", "E_L": "e_l_mv", "V_reset": "v_reset_mv", "t_ref": "t_ref_ms",
            "I_e": "i_offset_pa"}  # fmt: skip
THRESHOLD = {"V_th": "v_threshold_mv"}
SYNAPSES = {"tau_syn_ex": "tau_syn_e_ms", "tau_syn_in": "tau_syn_i_ms"}
REVERSAL = {"g_L": "g_l_ns", "E_ex": "e_e_mv", "E_in": "e_i_mv"}
CURRENTS = {**MEMBRANE, **THRESHOLD, **SYNAPSES, "tau_m": "tau_m_ms"}
CONDUCTANCES = {**MEMBRANE, **THRESHOLD, **SYNAPSES, **REVERSAL}
ADAPTIVE = {
    **MEMBRANE, **SYNAPSES, **REVERSAL, "V_th": "v_t_mv", "Delta_T": "delta_t_mv", "a": "a_ns",
    "b": "b_pa", "tau_w": "tau_w_ms", "V_peak": "v_peak_mv",
}  # fmt: skip
LIF_DEFAULTS = {"C_m": 250.0, "tau_m": 10.0, "E_L": -70.0, "V_th": -55.0, "V_reset": -70.0,
                "t_ref": 2.0, "I_e": 0.0, "V_m": -70.0}  # fmt: skip
COND_DEFAULTS = {"C_m": 250.0, "g_L": 16.6667, "E_L": -70.0, "V_th": -55.0, "V_reset": -60.0,
                 "t_ref": 2.0, "E_ex": 0.0, "E_in": -85.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0,
                 "I_e": 0.0, "V_m": -70.0}  # fmt: skip


@dataclass(frozen=True)
class Template:
    """A model by its template. names: NEST's parameters -> ours. defaults: of NEST's parameters."""

    model: Callable[..., NeuronModel]
    names: Mapping[str, str]
    defaults: Mapping[str, float]


TEMPLATES = {
    "iaf_psc_alpha": Template(
        LifAlpha, CURRENTS, {**LIF_DEFAULTS, "tau_syn_ex": 2.0, "tau_syn_in": 2.0}
    ),
    "iaf_psc_exp": Template(
        LifExp, CURRENTS, {**LIF_DEFAULTS, "tau_syn_ex": 2.0, "tau_syn_in": 2.0}
    ),
    "iaf_psc_delta": Template(
        LifDelta, {**MEMBRANE, **THRESHOLD, "tau_m": "tau_m_ms"}, LIF_DEFAULTS
    ),
    "iaf_cond_exp": Template(LifCondExp, CONDUCTANCES, COND_DEFAULTS),
    "iaf_cond_alpha": Template(LifCondAlpha, CONDUCTANCES, COND_DEFAULTS),
    "aeif_cond_exp": Template(
        AdEx, ADAPTIVE,
        {"C_m": 281.0, "g_L": 30.0, "E_L": -70.6, "V_th": -50.4, "V_reset": -60.0, "t_ref": 0.0,
         "Delta_T": 2.0, "a": 4.0, "b": 80.5, "tau_w": 144.0, "V_peak": 0.0, "E_ex": 0.0,
         "E_in": -85.0, "tau_syn_ex": 0.2, "tau_syn_in": 2.0, "I_e": 0.0, "V_m": -70.6},
    ),
}  # fmt: skip
# Written by simulators and without meaning for these models.
IGNORED = ("synaptic_model", "level_of_detail")


def template_of(subject: str, text: str) -> str:
    """Return the name of a model template, such as nest:iaf_psc_alpha. Raises InputFileError."""
    # "nest:iaf_psc_alpha"; other simulators have other models of the same names.
    simulator, _, name = text.rpartition(":")
    if simulator == OWN:
        own_model_of(subject, text)
        return text
    if name not in TEMPLATES or simulator not in ("", "nest"):
        limit = f"one of {', '.join(f'nest:{known}' for known in TEMPLATES)}"
        remedy = "Replace it by one of these."
        raise InputFileError(must_be(f"{subject}: model_template", limit, text, remedy))
    return name


def defaults_of(subject: str, template: str) -> dict[str, Any]:
    """Return the parameters of a template and their defaults."""
    if template in TEMPLATES:
        return dict(TEMPLATES[template].defaults)
    return own_defaults(own_model_of(subject, template))


def read_parameters(subject: str, template: str, path: Path | None) -> dict[str, Any]:
    """Return all parameters of a template; those in a JSON file replace defaults.

    In NEST's words, or for templates of this package in those of its models.
    """
    # Parameters that the model does not have would be ignored silently: they are refused.
    values = defaults_of(subject, template)
    given = read_json(path) if path is not None else {}
    for name, value in given.items():
        if name in IGNORED and name not in values:
            continue
        is_known = name in values and (
            is_number(value) if template in TEMPLATES else is_plain(value)
        )
        if not is_known:
            limit = f"one of {', '.join(values)} with a number"
            remedy = "Leave it out."
            raise InputFileError(must_be(f"{subject}: {path}", limit, {name: value}, remedy))
        values[name] = float(value) if template in TEMPLATES else value
    return values


def model_of(
    subject: str, template: str, columns: Mapping[str, Any]
) -> tuple[NeuronModel, dict[str, Any]]:
    """Return the model with these parameters, and the starting values of its state variables.

    columns: numbers or arrays by neuron, in NEST's words or this package's.
    """
    if template not in TEMPLATES:
        return own_network_part(own_model_of(subject, template), columns)
    known = TEMPLATES[template]
    own = {known.names[name]: value for name, value in columns.items() if name in known.names}
    return known.model(**own), {"v": columns["V_m"]}
