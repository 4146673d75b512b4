"""The ideal result of a graph: its equations step by step in float64, without chip and quanta.

    u_t = sum over links of z_source(t - lag) W + bias
    v, z_t = one step of the node's equation with the input u_t

Layers are passed one after another within a step, as frameworks do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distsnn.checks import instance, whole
from distsnn.errors import UsageError
from distsnn.nir.checks import require_recordings
from distsnn.nir.nodes.neurons import MS_PER_S, Rules
from distsnn.nir.wiring import Layer, Program
from distsnn.player import Recording

AT_ONCE = 64  # recordings that are evaluated together
State = dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class Outputs:
    """What the output layer did, and how often each layer spiked.

    counts: spikes of each output neuron, int64 [recordings, neurons]. potentials: mean v of each
    output neuron over the steps, float64 [recordings, neurons]; None where it spikes. spikes: by name
    of the layer, int64 [recordings]. trains: (step, neuron) of the output's spikes by recording, steps
    counted as in frameworks.
    """

    counts: np.ndarray
    potentials: np.ndarray | None
    spikes: Mapping[str, np.ndarray]
    trains: Sequence[tuple[np.ndarray, np.ndarray]]

    @property
    def decided(self) -> np.ndarray:
        """The neuron with most spikes, or the highest mean potential; int64 [recordings].

        The first one of several.
        """
        scores = self.counts if self.potentials is None else self.potentials
        return np.asarray(scores.argmax(axis=1))


def ideal_outputs(program: Program, recordings: Sequence[Recording]) -> Outputs:
    """Return the ideal result for each recording.

    program: ``ideal`` of what ``load`` returned. Raises UsageError for lines that the input lacks.
    """
    instance("ideal_outputs: program", program, Program)
    require_recordings("ideal_outputs", recordings)
    for recording in recordings:
        last = int(recording.line.max(initial=0))
        whole("ideal_outputs: line", last, 0, program.input_size - 1, error=UsageError)
    chunks = [
        _Evaluation(program, recordings[first : first + AT_ONCE]).run()
        for first in range(0, len(recordings), AT_ONCE)
    ]
    return joined(chunks)


def joined(chunks: Sequence[Outputs]) -> Outputs:
    """Return the outputs of several sets of recordings as those of one."""
    potentials = [c.potentials for c in chunks if c.potentials is not None]
    return Outputs(
        np.concatenate([chunk.counts for chunk in chunks]),
        np.concatenate(potentials) if potentials else None,
        {name: np.concatenate([c.spikes[name] for c in chunks]) for name in chunks[0].spikes},
        [train for chunk in chunks for train in chunk.trains],
    )


class _Evaluation:
    """The recordings of one chunk, side by side: arrays [recordings, neurons]."""

    def __init__(self, program: Program, recordings: Sequence[Recording]) -> None:
        self._program, self._recordings = program, recordings
        n = len(recordings)
        self._states = [_initial(layer, n) for layer in program.layers]
        self._steps = [_step_of(layer, program.rules) for layer in program.layers]
        most = [link.lag for layer in program.layers for link in layer.links]
        self._n_kept = 1 + max(most, default=0)
        self._past: dict[
            str, list[Any]
        ] = {}  # name -> spikes of the latest steps, the newest first

    def run(self) -> Outputs:
        """Return the outputs."""
        program, n = self._program, len(self._recordings)
        lengths = np.array([recording.n_steps for recording in self._recordings])
        output = program.output_layer
        spikes = {layer.name: np.zeros(n, np.int64) for layer in program.layers}
        trains, potential = [], np.zeros((n, output.size))
        # Shorter recordings wait, silent, for the longest.
        for t in range(int(lengths.max())):
            is_on = t < lengths
            self._remember(program.input_name, self._input(t))
            for layer, state, advance in zip(
                program.layers, self._states, self._steps, strict=True
            ):
                fires = advance(state, self._into(layer)) & is_on[:, np.newaxis]
                self._remember(layer.name, _sparse(fires))
                spikes[layer.name] += fires.sum(axis=1)
                if layer is output:
                    recording, neuron = np.nonzero(fires)
                    trains.append((np.full(neuron.size, t), recording, neuron))
                    potential += state["v"] * is_on[:, np.newaxis]
        counts, of_each = _sorted(trains, n, output.size)
        means = potential / lengths[:, np.newaxis] if program.is_silent else None
        return Outputs(counts, means, spikes, of_each)

    def _input(self, t: int) -> Any:
        """Return the input of step t, the number of spikes [recordings, lines], sparse."""
        from scipy import sparse

        # A line that spikes twice in a step counts twice.
        lines = [recording.line[recording.step == t] for recording in self._recordings]
        row = np.repeat(np.arange(len(lines)), [line.size for line in lines])
        column = np.concatenate(lines)
        shape = len(lines), self._program.input_size
        return sparse.csr_array((np.ones(row.size), (row, column)), shape=shape)

    def _remember(self, name: str, spikes: Any) -> None:
        self._past[name] = [spikes, *self._past.get(name, [])[: self._n_kept - 1]]

    def _into(self, layer: Layer) -> np.ndarray:
        """Return the input of a layer in this step."""
        total = np.broadcast_to(layer.bias, (len(self._recordings), layer.size))
        for link in layer.links:
            past = self._past.get(link.source, [])
            # A layer that comes later in the step has not spiked in it yet.
            age = link.lag - (link.closes_loop and not self._is_before(link.source, layer))
            if age < len(past):
                total = total + (past[age] @ link.matrix).toarray()
        return total

    def _is_before(self, source: str, layer: Layer) -> bool:
        names = [self._program.input_name, *(own.name for own in self._program.layers)]
        return names.index(source) < names.index(layer.name)


def _initial(layer: Layer, n: int) -> State:
    v_leak = layer.parameters.get("v_leak", np.zeros(layer.size))
    return {"v": np.tile(v_leak, (n, 1)), "i": np.zeros((n, layer.size))}


def _sparse(fires: np.ndarray) -> Any:
    from scipy import sparse

    return sparse.csr_array(fires.astype(np.float64))


def _sorted(
    trains: list[tuple[np.ndarray, np.ndarray, np.ndarray]], n: int, size: int
) -> tuple[np.ndarray, list[tuple[np.ndarray, np.ndarray]]]:
    """Return the spikes by recording and neuron, and the trains of each recording."""
    # Sorted by step and recording already; a choice keeps that.
    step, recording, neuron = (np.concatenate(column) for column in zip(*trains, strict=True))
    counts = np.bincount(recording * size + neuron, minlength=n * size).reshape(n, size)
    return counts, [(step[recording == k], neuron[recording == k]) for k in range(n)]


def _step_of(layer: Layer, rules: Rules) -> Callable[[State, np.ndarray], np.ndarray]:
    """Return the function of a layer's step: it changes the state and returns which neurons fire."""
    parameters = layer.parameters
    if layer.node.kind == "Threshold":
        return lambda state, given: given > parameters["threshold"]
    integrate = INTEGRATED[layer.node.kind]

    def advance(state: State, given: np.ndarray) -> np.ndarray:
        integrate(state, given, parameters, rules)
        fires = np.asarray(state["v"] > parameters["v_threshold"])
        after = parameters["v_reset"]
        if rules.reset == "subtract":
            # v - v_threshold
            after = state["v"] - parameters["v_threshold"]
        state["v"] = np.where(fires, after, state["v"])
        return fires

    return advance


def _gain(tau_s: np.ndarray, rules: Rules) -> np.ndarray:
    """Return how much of the way to its end a variable goes in a step."""
    steps = rules.dt_ms / (tau_s * MS_PER_S)
    return -np.expm1(-steps) if rules.method == "exact" else steps


def _if(state: State, given: np.ndarray, p: Mapping[str, np.ndarray], rules: Rules) -> None:
    state["v"] = state["v"] + p["r"] * given


def _lif(state: State, given: np.ndarray, p: Mapping[str, np.ndarray], rules: Rules) -> None:
    # v moves towards v_leak + r I
    end = p["v_leak"] + p["r"] * given
    state["v"] = state["v"] + _gain(p["tau"], rules) * (end - state["v"])


def _cuba(state: State, given: np.ndarray, p: Mapping[str, np.ndarray], rules: Rules) -> None:
    v, i, driven = state["v"], state["i"], p["w_in"] * given
    syn, mem = _gain(p["tau_syn"], rules), _gain(p["tau_mem"], rules)
    # i moves towards w_in I
    i_new = i + syn * (driven - i)
    if rules.method == "euler":
        state["v"] = v + mem * (p["v_leak"] + p["r"] * i_new - v)
    else:
        # i(t) = driven + (i - driven) exp(-t / tau_syn); its second part seen by the membrane:
        # k = tau_syn / (tau_syn - tau_mem) (exp(-dt / tau_syn) - exp(-dt / tau_mem))
        seen = _seen(p["tau_syn"], p["tau_mem"], rules.dt_ms / MS_PER_S)
        end = p["v_leak"] + p["r"] * driven
        state["v"] = v + mem * (end - v) + p["r"] * (i - driven) * seen
    state["i"] = i_new


def _seen(tau_syn: np.ndarray, tau_mem: np.ndarray, dt: float) -> np.ndarray:
    """Return k; for nearly equal time constants its limit, dt / tau exp(-dt / tau)."""
    rate = dt * (1.0 / tau_mem - 1.0 / tau_syn)
    is_equal = np.abs(rate) < 1e-9
    rate = np.where(is_equal, 1.0, rate)
    share = np.where(is_equal, 1.0, -np.expm1(-np.abs(rate)) / np.abs(rate))
    slower = np.maximum(tau_syn, tau_mem)
    return dt / tau_mem * np.exp(-dt / slower) * share


INTEGRATED = {"IF": _if, "I": _if, "LIF": _lif, "LI": _lif, "CubaLIF": _cuba, "CubaLI": _cuba}
