"""The neurons of a running network: state and parameters, read and set over all ranks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT32, MAX_INT32, array, is_number, must_be
from distsnn.comm import Comm
from distsnn.core.changes import set_parameters
from distsnn.core.rank import Rank
from distsnn.errors import NetworkError, UsageError
from distsnn.kernels.neuron.constants import row_of
from distsnn.network import Population
from distsnn.network.neuron_parameters import model_with
from distsnn.network.views import PopulationView


class NeuronAccess:
    """Reads and sets state variables and parameters of neurons. All methods are collective."""

    def __init__(self, rank: Rank, comm: Comm) -> None:
        self._rank, self._comm = rank, comm

    def get(self, view: PopulationView, name: str) -> np.ndarray:
        """Return a state variable (absolute) or parameter of each neuron of a view, float64 [n].

        The same on every rank. Raises UsageError for a name that the model does not have.
        """
        population, state = view.population, self._rank.state
        places, slots = self._own(view)
        # absolute = stored + offset, in float64, so that what is set again is stored bit by bit
        if name in population.model.states:
            values = state.values(population, name)[slots].astype(np.float64)
            values = values + self._offsets(population, name)[slots]
        elif name in parameters_of(population):
            typical = vars(state.parameters.typical[population.index])[name]
            values = np.full(slots.size, float(typical))
            varying = state.parameters.values.get((population.index, name))
            values = values if varying is None else varying[slots]
        else:
            raise unknown(view, name)
        return self._together(values, places, len(view))

    def spike_counts(self, view: PopulationView) -> np.ndarray:
        """Return the number of spikes of each neuron of a view since recordings began, int64 [n]."""
        rank = self._rank
        places, slots = self._own(view)
        if rank.network.records_spikes(view.population):
            counts = rank.spikes.counts()
        else:
            counts = rank.unrecorded.counts
        return self._together(counts[slots], places, len(view)).astype(np.int64)

    def require(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        """Raise UsageError for a name that the model lacks or a state that it cannot store."""
        population = view.population
        if name not in population.model.states:
            if name not in parameters_of(population):
                raise unknown(view, name)
            self._require_effect(view, name, values)
            return
        is_whole = population.model.states[name] == "i4"
        largest = float(MAX_INT32 if is_whole else MAX_FLOAT32)
        wrong = ~(np.abs(values) <= largest)
        if is_whole:
            wrong |= values != np.floor(values)
        if wrong.any():
            limit = "whole numbers of 32 bits" if is_whole else "numbers that float32 holds"
            got = float(values[int(np.argmax(wrong))])
            raise UsageError(must_be(f"{view.label}: {name}", limit, got, "Change them."))

    def _require_effect(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        """Raise UsageError for a parameter that only says with which state neurons begin."""
        typical = self._rank.state.parameters.typical[view.population.index]
        others = values[values != float(vars(typical)[name])]
        if not others.size:
            return
        try:
            other = model_with(typical, {name: float(others[0])})
        except NetworkError:  # it may suit the model together with others
            return
        dt_ms = self._rank.network.dt_ms
        before, after = (row_of(model.constants(dt_ms)) for model in (typical, other))
        is_same = np.array_equal(before, after)
        begun = {k for k, v in other.initial().items() if v != typical.initial().get(k)}
        if is_same and other.offsets == typical.offsets and begun:
            limit = "a parameter that acts on running neurons"
            remedy = f"Set the state: {', '.join(sorted(begun))}."
            raise UsageError(must_be(f"{view.label}: name", limit, name, remedy))

    def set_state(self, view: PopulationView, name: str, values: np.ndarray) -> None:
        """Set a state variable to absolute values, float64 [n]."""
        population, state = view.population, self._rank.state
        places, slots = self._own(view)
        stored = values[places] - self._offsets(population, name)[slots]
        state.values(population, name)[slots] = stored

    def set_parameters(self, view: PopulationView, values: Mapping[str, np.ndarray]) -> None:
        """Set parameters of neurons together, from the next step on; float64 [n] by name.

        State variables keep their absolute values. Raises NetworkError for values that the model
        cannot have.
        """
        # An offset, such as rest, may be the parameter itself: absolute values are kept.
        population, state = view.population, self._rank.state
        names = [n for n, dtype in population.model.states.items() if dtype == "f4"]
        _, slots = self._own(population.view())
        absolute = {
            n: state.values(population, n)[slots] + self._offsets(population, n)[slots]
            for n in names
        }
        set_parameters(self._rank, population, view.index, values)
        for n in names:
            moved = absolute[n] - self._offsets(population, n)[slots]
            state.values(population, n)[slots] = moved

    def _offsets(self, population: Population, name: str) -> np.ndarray:
        """Return what a state variable is kept relative to, float64 by slot."""
        state = self._rank.state
        offsets = np.zeros(state.n_flat)
        for piece, _, start in state.slices:
            if piece.population == population.index:
                offsets[start : start + piece.size] = state.parameters.offsets(
                    population, name, start, piece.size
                )
        return offsets

    def _own(self, view: PopulationView) -> tuple[np.ndarray, np.ndarray]:
        """Return the places in a view of the neurons on this rank, and their slots, int64."""
        places, slots = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
        for piece, _, start in self._rank.state.slices:
            if piece.population == view.population.index:
                first, end = np.searchsorted(view.index, [piece.start, piece.stop])
                places.append(np.arange(first, end))
                slots.append(view.index[first:end] - piece.start + start)
        return np.concatenate(places), np.concatenate(slots)

    def _together(self, values: np.ndarray, places: np.ndarray, n: int) -> np.ndarray:
        # Gathered on rank 0, put in order, and sent to all: closed loops compute on every rank.
        comm = self._comm
        if comm.n_ranks > 1:
            all_values, all_places = comm.gather_arrays(values), comm.gather_arrays(places)
            if comm.rank == 0:
                values, places = np.concatenate(all_values), np.concatenate(all_places)
        together = np.empty(n)
        if comm.rank == 0:
            together[places] = values
        return np.asarray(comm.broadcast(together)) if comm.n_ranks > 1 else together


def numbers_for(subject: str, given: object, n: int, item: str) -> np.ndarray:
    """Return n numbers, float64, from one number or an array with one per item. Raises UsageError."""
    limit = f"a number, or an array of {n}, one per {item}"
    if is_number(given):
        try:
            return np.full(n, float(given))  # type: ignore[arg-type]
        except OverflowError:  # an int beyond float64
            raise UsageError(must_be(subject, limit, given, "Change it.")) from None
    if isinstance(given, (list, tuple, np.ndarray)):
        values = array(subject, given, "f", remedy="Change it.", error=UsageError)
        if values.size == n:
            return values
        raise UsageError(must_be(subject, limit, f"{values.size} numbers", "Match them."))
    raise UsageError(must_be(subject, limit, given, "Draw random ones with numpy."))


def parameters_of(population: Population) -> list[str]:
    """Return the parameters of a population's model that are numbers."""
    model: Any = population.model
    return [field.name for field in fields(model) if is_number(vars(model)[field.name])]


def unknown(view: PopulationView, name: object) -> UsageError:
    """Return the error about a name that a population's model does not have."""
    known = ", ".join([*view.population.model.states, *parameters_of(view.population)])
    limit = f"a state variable or parameter of {type(view.population.model).__name__} ({known})"
    return UsageError(must_be(f"{view.label}: name", limit, name, "Check the name."))
