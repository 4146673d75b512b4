"""Cell types that emit spikes of their own, whatever the network does.

Their spikes are made outside the network, window by window of model time, from a generator of their
own: the same whatever the number of ranks and of runs that the time is cut into.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pyNN import errors
from pyNN.parameters import Sequence
from pyNN.standardmodels import cells

from distsnn.pynn.cells.engine_cell import EngineCell, Values, same_names
from distsnn.pynn.cells.trains import (
    ArrayTrains,
    GammaTrains,
    InhomogeneousGammaTrains,
    PoissonTrains,
    RefractoryTrains,
    Trains,
)


class Source(EngineCell):
    """A cell type that emits spikes. trains: what makes them."""

    is_source = True
    variables: Mapping[str, tuple[str, float]] = {}  # type: ignore[misc]
    receptors: Mapping[str, str] = {}  # type: ignore[misc]
    # Makes the spikes; see ``trains.py``.
    trains: type[Trains]


class SpikeSourceArray(Source, cells.SpikeSourceArray):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceArray.__doc__
    translations = same_names(cells.SpikeSourceArray.default_parameters)
    trains = ArrayTrains

    def check_parameters(self, values: Values) -> None:
        """Raise InvalidParameterValueError unless the times of each cell ascend from 0 on."""
        # A time of 0 acts in the first step.
        for times in np.atleast_1d(values["spike_times"]):
            given = np.asarray(times.value, float)
            if given.size and (np.any(np.diff(given) < 0) or not given[0] >= 0):
                raise errors.InvalidParameterValueError(
                    f"SpikeSourceArray: spike_times must ascend from 0 on, got {times}"
                )


class Timed(Source):
    """A random source that is active between start and start + duration."""

    def check_parameters(self, values: Values) -> None:
        """Raise InvalidParameterValueError for negative or infinite numbers."""
        for name, column in values.items():
            # Histograms are sequences, all else is a number for each cell.
            parts = [v.value if isinstance(v, Sequence) else v for v in np.ravel(column)]
            numbers: Any = np.concatenate([np.ravel(part) for part in parts])
            if not np.all(np.isfinite(numbers.astype(float))) or np.any(numbers < 0):
                raise errors.InvalidParameterValueError(
                    f"{type(self).__name__}: {name} must be a number of at least 0, got {column}"
                )


class SpikeSourcePoisson(Timed, cells.SpikeSourcePoisson):  # type: ignore[misc]
    __doc__ = cells.SpikeSourcePoisson.__doc__
    translations = same_names(cells.SpikeSourcePoisson.default_parameters)
    trains = PoissonTrains


class SpikeSourcePoissonRefractory(Timed, cells.SpikeSourcePoissonRefractory):  # type: ignore[misc]
    __doc__ = cells.SpikeSourcePoissonRefractory.__doc__
    translations = same_names(cells.SpikeSourcePoissonRefractory.default_parameters)
    trains = RefractoryTrains

    def check_parameters(self, values: Values) -> None:
        """Raise InvalidParameterValueError also where the dead time exceeds the mean interval."""
        super().check_parameters(values)
        if "rate" in values and "tau_refrac" in values:
            # mean interval 1 / rate = dead time + exponential part
            busy = np.asarray(values["rate"], float) * np.asarray(values["tau_refrac"], float)
            if np.any(busy >= 1000.0):
                raise errors.InvalidParameterValueError(
                    "SpikeSourcePoissonRefractory: tau_refrac must be below the mean interval 1/rate"
                )


class SpikeSourceGamma(Timed, cells.SpikeSourceGamma):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceGamma.__doc__
    translations = same_names(cells.SpikeSourceGamma.default_parameters)
    trains = GammaTrains


class SpikeSourceInhGamma(Timed, cells.SpikeSourceInhGamma):  # type: ignore[misc]
    __doc__ = cells.SpikeSourceInhGamma.__doc__
    translations = same_names(cells.SpikeSourceInhGamma.default_parameters)
    trains = InhomogeneousGammaTrains
