"""What the backend asks of a cell type: the model of distsnn that it is, and in which units.

Parameters keep PyNN's names and units wherever a user sees them; ``engine_parameters`` converts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from pyNN import errors
from pyNN.standardmodels import build_translations

from distsnn.neurons.model import NeuronModel
from distsnn.pynn.limits import require_reset_below_threshold, require_values

Values = Mapping[str, np.ndarray]
NANO = 1000.0  # of nA, nF and uS in pA, pF and nS


def same_names(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return PyNN's translations of parameters that keep their names and units."""
    # PyNN's units are converted where the network is made, so that what was given is read back.
    translations: dict[str, Any] = build_translations(*((name, name) for name in parameters))
    return translations


def steps_ms(times_ms: np.ndarray, dt_ms: float) -> np.ndarray:
    """Return times on the grid that is nearest to given ones, float64."""
    return np.round(np.floor(np.asarray(times_ms, float) / dt_ms + 0.5) * dt_ms, 9)


class EngineCell:
    """A cell type, with the defaults of what most have in common.

    variables: by PyNN's name, the state variable of the model and PyNN's unit in the model's.
    receptors: by PyNN's name, that of the model. weight_scale: PyNN's unit of weights in the model's.
    """

    variables: ClassVar[Mapping[str, tuple[str, float]]] = {"v": ("v", 1.0)}
    receptors: ClassVar[Mapping[str, str]] = {
        "excitatory": "excitatory",
        "inhibitory": "inhibitory",
    }
    weight_scale: float = NANO
    is_source: ClassVar[bool] = False

    def check_parameters(self, values: Values) -> None:
        """Raise PyNN's InvalidParameterValueError for values that the cell cannot have."""
        require_values(type(self).__name__, values)
        require_reset_below_threshold(type(self).__name__, values)

    def check_variable(self, variable: str) -> None:
        """Raise PyNN's NonExistentParameterError for a state variable that the cell lacks."""
        if variable not in self.all_variables():
            raise errors.NonExistentParameterError(
                variable, type(self).__name__, list(self.all_variables())
            )

    def all_variables(self) -> Mapping[str, tuple[str, float]]:
        """Return the state variables."""
        return self.variables

    def all_receptors(self) -> Mapping[str, str]:
        """Return the receptors."""
        return self.receptors

    def engine_parameters(self, values: Values, dt_ms: float) -> dict[str, np.ndarray]:
        """Return the parameters of the model, by its names and in its units."""
        raise NotImplementedError

    def engine_model(self, values: Values, dt_ms: float) -> NeuronModel:
        """Return the model of cells with these parameters."""
        raise NotImplementedError

    def running_name(self, name: str) -> str:
        """Return the name by which a parameter of the model is set in a running network."""
        return name

    def derived_initial(self, values: Values, initial: Values) -> dict[str, np.ndarray]:
        """Return initial values of variables of the model that PyNN does not know."""
        return {}


def one_or_all(values: np.ndarray) -> Any:
    """Return the number that all cells share, or the values of each."""
    # One number for all lets the engine use its plainest kernel.
    values = np.asarray(values, dtype=float)
    return float(values[0]) if values.size and np.all(values == values[0]) else values
