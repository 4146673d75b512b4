"""Point neurons put together from a membrane and any receptors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN.parameters import ParameterSpace
from pyNN.standardmodels import cells, receptors

from distsnn.pynn.cells.engine_cell import NANO, Values, same_names, steps_ms
from distsnn.pynn.cells.from_text import (
    ADEX,
    ALPHA,
    BETA,
    EXP,
    FromText,
    Membrane,
    Response,
    scaled,
)
from distsnn.pynn.cells.from_text import LIF as LIF_MEMBRANE
from distsnn.pynn.cells.more_cells import IN_PF, adaptive


class LIF(cells.LIF):  # type: ignore[misc]
    __doc__ = cells.LIF.__doc__
    translations = same_names(cells.LIF.default_parameters)
    scale_factors = {"v": 1.0}
    membrane = LIF_MEMBRANE


class AdExp(cells.AdExp):  # type: ignore[misc]
    __doc__ = cells.AdExp.__doc__
    translations = same_names(cells.AdExp.default_parameters)
    scale_factors = {"v": 1.0, "w": 1.0}
    membrane = ADEX


class CurrExpPostSynapticResponse(receptors.CurrExpPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CurrExpPostSynapticResponse.__doc__
    translations = same_names(receptors.CurrExpPostSynapticResponse.default_parameters)
    recordable = ["isyn"]
    scale_factors = {"isyn": 1.0}
    equations = EXP


class CondExpPostSynapticResponse(receptors.CondExpPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondExpPostSynapticResponse.__doc__
    translations = same_names(receptors.CondExpPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    scale_factors = {"gsyn": 1.0}
    equations = EXP


class CondAlphaPostSynapticResponse(receptors.CondAlphaPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondAlphaPostSynapticResponse.__doc__
    translations = same_names(receptors.CondAlphaPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    scale_factors = {"gsyn": 1.0}
    equations = ALPHA


class CondBetaPostSynapticResponse(receptors.CondBetaPostSynapticResponse):  # type: ignore[misc]
    __doc__ = receptors.CondBetaPostSynapticResponse.__doc__
    translations = same_names(receptors.CondBetaPostSynapticResponse.default_parameters)
    recordable = ["gsyn"]
    scale_factors = {"gsyn": 1.0}
    equations = BETA


ExpPSR = CondExpPostSynapticResponse
AlphaPSR = CondAlphaPostSynapticResponse
BetaPSR = CondBetaPostSynapticResponse


class PointNeuron(FromText, cells.PointNeuron):  # type: ignore[misc]
    __doc__ = cells.PointNeuron.__doc__

    def __init__(self, neuron: Any, **post_synaptic_receptors: Any) -> None:
        super().__init__(neuron, **post_synaptic_receptors)
        # Parameters of a receptor are named RECEPTOR.PARAMETER, beside those of the membrane.
        own = dict(neuron.parameter_space.items())
        schema = dict(neuron.get_schema())
        for receptor, response in post_synaptic_receptors.items():
            for name, value in response.parameter_space.items():
                if name != "locations":  # a point has none
                    own[f"{receptor}.{name}"] = value
                    schema[f"{receptor}.{name}"] = float
        self._schema = schema
        self.parameter_space = ParameterSpace(own, schema, shape=None, component=type(self))
        self.translations = same_names(schema)

    def translate(self, parameters: ParameterSpace, copy: bool = True) -> ParameterSpace:
        """Return a copy: names and units stay."""
        return ParameterSpace(dict(parameters.items()), schema=None, shape=parameters.shape)

    def get_schema(self) -> dict[str, Any]:
        """Return the type of each parameter, those of receptors included."""
        return self._schema

    def get_parameter_names(self) -> list[str]:
        """Return the names of the parameters."""
        return list(self._schema)

    def has_parameter(self, name: str) -> bool:
        """Return whether there is a parameter of this name."""
        return name in self._schema

    @property
    def default_parameters(self) -> dict[str, Any]:
        """Parameters as they were given."""
        return dict(self.parameter_space.items())

    def computed_parameters_include(self, parameter_names: Any) -> bool:
        """Return False: no parameter is computed from others."""
        return False

    def membrane(self) -> Membrane:
        """Return the membrane."""
        membrane: Membrane = self.neuron.membrane
        return membrane

    def responses(self) -> list[Response]:
        """Return the responses, in the order of the receptors."""
        return [
            Response(name, response.equations, response.conductance_based)
            for name, response in sorted(self.post_synaptic_receptors.items())
        ]

    def all_receptors(self) -> Mapping[str, str]:
        """Return the receptors, whose names the equations have too."""
        return {name: name for name in self.receptor_types}

    def all_variables(self) -> Mapping[str, tuple[str, float]]:
        """Return the state variables: v, w, RECEPTOR.gsyn or RECEPTOR.isyn."""
        # PyNN's name: the engine's, and PyNN's unit in the engine's
        own = {"v": ("v", 1.0)}
        if "w" in self.neuron.recordable:
            own["w"] = ("w", NANO)
        for name, response in self.post_synaptic_receptors.items():
            own[f"{name}.{response.recordable[0]}"] = (f"g_{name}", NANO)
        return own

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model, by its names and in its units."""
        given = scaled(values, IN_PF, self.membrane().parameters)
        if "b" in given:
            given = adaptive(given, values)
        # Receptors have a rise time of their own, or none.
        for response in self.responses():
            x = response.name
            tau = values.get(f"{x}.tau_syn", values.get(f"{x}.tau_decay"))
            given.update(
                response.values(
                    np.asarray(tau), values.get(f"{x}.e_syn"), values.get(f"{x}.tau_rise")
                )
            )
        return {**given, "refractory_ms": steps_ms(values["tau_refrac"], dt_ms)}
