"""What can be changed in a built rank between two pieces of a run."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from distsnn.core.inputs.inputs import drives_of
from distsnn.core.neurons.source_spikes import ReplacedSpikes
from distsnn.core.rank import Rank
from distsnn.core.recording.recorder import SpikeRecorder
from distsnn.errors import DistsnnError
from distsnn.kernels import ensure_compiled
from distsnn.network import Population, Stimulus


def extend(rank: Rank, n_steps: int) -> None:
    """Let a run go on until step ``n_steps``: the first steps, or those after a completed run."""
    rank.n_steps = n_steps
    rank.mesh.extend(n_steps)
    rank.traces.extend(n_steps)
    rank.plastic.extend(n_steps)
    rank.spikes.extend(n_steps)
    rank.step.extend(n_steps, rank.mesh.block_steps)


def clear(rank: Rank) -> None:
    """Forget what was recorded and counted; recordings begin again at the next step."""
    t = rank.origin = rank.t
    rank.record_into(SpikeRecorder(rank.state.n_flat, 0, 0, t))
    rank.traces.clear(t)
    rank.plastic.recorder.clear(t)
    rank.unrecorded.forget()
    rank.mesh.clear(t)
    rank.forget_seconds()


def set_parameters(
    rank: Rank, population: Population, index: np.ndarray, values: Mapping[str, np.ndarray]
) -> None:
    """Set parameters of some neurons of a population from the next step on. Collective.

    index, values: the same on every rank. Raises NetworkError on all ranks, and changes nothing, if a
    model cannot have such values together.
    """
    state, is_readable = rank.state, False
    undo = state.parameters.set(population, index, values)
    # Stage 1: compute the constants of the rank's own neurons; any rank may find a wrong value.
    error: DistsnnError | None = None
    try:
        is_readable = state.refill(population)
    except DistsnnError as refused:
        error = refused
    try:
        rank.comm.agree(error)
    except DistsnnError:
        undo()
        state.refill(population)
        raise
    # Stage 2: if neurons now differ where one number was read for all, bind a kernel that reads more.
    if rank.comm.min(int(is_readable)) == 0:
        ensure_compiled([state.kernel_after_change(population)])
        state.bind_models()
        rank.replace_program()


def set_noise_seed(rank: Rank, seed: int) -> None:
    """Draw all noise of neurons and stimuli with another seed from the next step on."""
    rank.state.rekey(seed)
    rank.replace_program()


def set_rate(rank: Rank, stimulus: int, neurons: np.ndarray, rate_hz: np.ndarray) -> None:
    """Set the rates of a Poisson stimulus from the next step on. Collective.

    neurons: int64, ascending, on any rank. rate_hz: float64 [neurons].
    """
    if not rank.state.inputs.adjustable:
        # Equal constant rates are drawn in the models' kernels; all others in kernels of their own.
        ensure_compiled(drives_of(rank.network, adjustable=True))
        rank.state.adjust_inputs()
        rank.replace_program()
    rank.state.inputs.set_rate(stimulus, neurons, rate_hz)


def replace_input(rank: Rank, stimulus: Stimulus) -> None:
    """Let a stimulus, in place of the one of its index, act from the next step on. Collective."""
    # All inputs are built again from the network, whose description changes with it.
    rank.network.stimuli[stimulus.index] = stimulus
    ensure_compiled(drives_of(rank.network, adjustable=rank.state.inputs.adjustable))
    rank.state.replace_inputs(stimulus.index)
    rank.replace_program()


def replace_spikes(
    rank: Rank, population: Population, steps: np.ndarray, sources: np.ndarray
) -> None:
    """Let a population of given spikes play others from the next step on; earlier ones are left out.

    steps, sources: int64 [spikes], the same on every rank.
    """
    # Spikes of the rank's own neurons, by slot.
    chosen, slots, own_slots = [np.empty(0, np.int64)], [np.empty(0, np.int64)], []
    for piece, _, first_slot in rank.state.slices:
        if piece.population == population.index:
            is_own = (sources >= piece.start) & (sources < piece.stop) & (steps >= rank.t)
            chosen.append(steps[is_own])
            slots.append(sources[is_own] - piece.start + first_slot)
            own_slots.append(np.arange(first_slot, first_slot + piece.size))
    own = np.concatenate([np.empty(0, np.int64), *own_slots])
    rank.play(
        ReplacedSpikes(rank.sources, rank.t, np.concatenate(slots), np.concatenate(chosen), own)
    )
