"""Neuron models as nodes of NIR."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network import Network, Population
from distsnn.network.neuron_parameters import drawn_values
from distsnn.neurons import IntegrateFire, LifDelta, NeuronModel, NirCubaLif, NirIf, NirLif
from distsnn.neurons.nir_neuron import NEVER

S_PER_MS = 1e-3
SPIKING = {NirIf: "IF", NirLif: "LIF", NirCubaLif: "CubaLIF", IntegrateFire: "IF", LifDelta: "LIF"}
SILENT = {"IF": "I", "LIF": "LI", "CubaLIF": "CubaLI"}
NEEDED = {
    "IF": ("r", "v_threshold", "v_reset"), "I": ("r",),
    "LIF": ("tau", "r", "v_leak", "v_threshold", "v_reset"), "LI": ("tau", "r", "v_leak"),
    "CubaLIF": (
        "tau_syn", "tau_mem", "r", "v_leak", "v_threshold", "v_reset", "w_in",
    ),
    "CubaLI": ("tau_syn", "tau_mem", "r", "v_leak", "w_in"),
}  # fmt: skip
Fields = dict[str, Any]


def node_of(network: Network, population: Population) -> tuple[Fields, np.ndarray]:
    """Return the node of a population and its bias, float64 [neurons].

    Raises NetworkError for what NIR cannot say.
    """
    kind = SPIKING.get(type(population.model))  # type: ignore[arg-type]
    if kind is None:
        known = ", ".join(model.__name__ for model in SPIKING)
        raise _refused(population, "model", f"one of {known}", type(population.model).__name__)
    _require_plain(population)
    values = _Values(network, population)
    fields = _parameters(population.model, values)
    # NIR has the bias in the linear node before.
    bias = fields.pop("bias")
    if (fields["v_threshold"] >= NEVER).all():
        kind = SILENT[kind]
    return {"type": kind, **{name: fields[name] for name in NEEDED[kind]}}, bias


class _Values:
    """Parameters of a population by name, float64 [neurons]."""

    def __init__(self, network: Network, population: Population) -> None:
        self._network, self._population = network, population

    def __call__(self, name: str) -> np.ndarray:
        population, network = self._population, self._network
        if name in population.parameters:
            return drawn_values(population, name, 0, population.size, network.seed, network.dt_ms)
        return np.full(population.size, vars(population.model)[name], dtype=np.float64)

    @property
    def dt_ms(self) -> float:
        """The time step of the network."""
        return self._network.dt_ms


def _parameters(model: NeuronModel, of: _Values) -> Fields:
    """Return the parameters by their names in NIR, and the bias."""
    if isinstance(model, IntegrateFire):
        # A spike of weight w adds w to v, a current I adds I dt / C.
        return {
            "r": np.ones_like(of("c_m_pf")), "v_threshold": of("v_threshold_mv"),
            "v_reset": of("v_reset_mv"), "bias": of("i_offset_pa") * of.dt_ms / of("c_m_pf"),
        }  # fmt: skip
    if isinstance(model, LifDelta):
        # In NIR a spike is a current for one step: it adds (1 - exp(-dt / tau)) r w to v.
        tau_ms, rest = of("tau_m_ms"), of("e_l_mv")
        r = -1.0 / np.expm1(-of.dt_ms / tau_ms)
        resistance = tau_ms / of("c_m_pf")  # mV/pA
        return {
            "tau": tau_ms * S_PER_MS, "r": r, "v_leak": rest, "v_threshold": of("v_threshold_mv"),
            "v_reset": of("v_reset_mv"), "bias": of("i_offset_pa") * resistance / r,
        }  # fmt: skip
    names = ("r", "v_threshold", "v_reset", "bias")
    fields = {name: of(name) for name in names}
    if not isinstance(model, NirIf):
        fields["v_leak"] = of("v_leak")
    if isinstance(model, NirLif):
        fields["tau"] = of("tau_ms") * S_PER_MS
    if isinstance(model, NirCubaLif):
        fields |= {"tau_syn": of("tau_syn_ms") * S_PER_MS, "tau_mem": of("tau_mem_ms") * S_PER_MS}
        fields["w_in"] = of("w_in")
    return fields


def _require_plain(population: Population) -> None:
    """Raise NetworkError for what a model has beyond NIR."""
    model = population.model
    if population.initial:
        raise _refused(population, "initial", "left out", ", ".join(population.initial))
    if isinstance(model, (NirIf, NirLif, NirCubaLif)) and model.reset != "value":
        raise _refused(population, "reset", "'value'", model.reset)
    if isinstance(model, (IntegrateFire, LifDelta)) and (
        model.t_ref_ms != 0.0 or "t_ref_ms" in population.parameters
    ):
        raise _refused(population, "t_ref_ms", "0", model.t_ref_ms)
    if isinstance(model, IntegrateFire) and not math.isclose(model.v_floor_mv, -1e30):
        raise _refused(population, "v_floor_mv", "left out", model.v_floor_mv)


def _refused(population: Population, part: str, limit: str, got: object) -> NetworkError:
    remedy = "NIR has nothing else; change the network."
    return NetworkError(must_be(f"population {population.name}: {part}", limit, got, remedy))
