"""Neuron of several compartments: passive dendrites coupled to a soma that spikes.

    C_j dv_j/dt = -g_j (v_j - E_j) + sum over neighbours k of G_jk (v_k - v_j) + i_j + I_j
    tau_j di_j/dt = -i_j

Compartment 0 is the soma, the root of the tree; every other is coupled to its parent with the
conductance G. Each compartment is a receptor of its own: a spike of weight w (pA) adds w to i_j. A
``Current`` goes to the soma. v_0 >= v_threshold: spike, v_0 = v_reset for t_ref, while the dendrites
go on. The equations are linear between spikes and are integrated exactly (as two cases, soma free
and soma held).

Source: Rall 1964, in Neural Theory and Modeling, 73 (compartments); Pinsky & Rinzel 1994, J Comput
Neurosci 1:39 (two compartments); Rotter & Diesmann 1999, Biol Cybern 81:381 (exact integration).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.kernels import device
from distsnn.kernels.neuron.constants import reader
from distsnn.kernels.neuron.spiking import counted_down
from distsnn.kernels.neuron.table_driver import table_driver
from distsnn.kernels.numbers.denormal import flushed
from distsnn.neurons.compartments import TreeModel, parents_of, require_tree
from distsnn.neurons.parameters import CheckedParameters
from distsnn.neurons.propagators import matrix_expm1
from distsnn.neurons.refractory import refractory_steps
from distsnn.slow_decay import require_tau


class Head(NamedTuple):
    """Constants of the whole neuron; v of the soma is relative to its rest."""

    n_compartments: float
    threshold: float  # mV
    reset: float  # mV
    n_refractory: float  # steps


class Constants(NamedTuple):
    """Propagators of one step for k compartments; those onto themselves are given less 1.

    free, held: [k, 2 k + 2], the change of each v from all v, all i, the soma's current and 1, with
    the soma free or held.
    """

    n_compartments: float
    threshold: float
    reset: float
    n_refractory: float
    decay: np.ndarray  # [k], i from i
    free: np.ndarray
    held: np.ndarray


HEAD_SIZE = len(Head._fields)
read_head = reader(Head)


@dataclass(frozen=True)
class Compartment(CheckedParameters):
    """One compartment; ``coupling_ns`` is its conductance to its parent, unused for the root."""

    name: str
    parent: str | None = None
    c_m_pf: float = 150.0
    g_l_ns: float = 10.0
    e_l_mv: float = -70.0
    coupling_ns: float = 20.0
    tau_syn_ms: float = 5.0
    i_offset_pa: float = 0.0

    positive: ClassVar[tuple[str, ...]] = ("c_m_pf", "g_l_ns", "coupling_ns", "tau_syn_ms")


@dataclass(frozen=True)
class CompartmentTree(TreeModel):
    """Parameters of a neuron of coupled compartments; the first one is the soma."""

    compartments: tuple[Compartment, ...] = (Compartment("soma"), Compartment("dendrite", "soma"))
    v_threshold_mv: float = -50.0
    v_reset_mv: float = -60.0
    t_ref_ms: float = 2.0

    weight_unit: ClassVar[str] = "pA"
    decays: ClassVar[tuple[str, ...]] = ("decay",)

    def __post_init__(self) -> None:
        super().__post_init__()
        require_tree("CompartmentTree", self.compartments, Compartment)

    @property
    def states(self) -> dict[str, str]:
        """v_NAME and i_NAME of every compartment, and the soma's refractory steps."""
        names = [f"v_{name}" for name in self.receptors] + [f"i_{name}" for name in self.receptors]
        return {**dict.fromkeys(names, "f4"), "refractory": "i4"}

    @property
    def units(self) -> dict[str, str]:
        """Units of the state variables."""
        unit = {"v": "mV", "i": "pA", "r": "steps"}
        return {name: unit[name[0]] for name in self.states}

    @property
    def offsets(self) -> dict[str, float]:
        """Each v is kept relative to its rest; shown and set as absolute values."""
        return {f"v_{part.name}": part.e_l_mv for part in self.compartments}

    def initial(self) -> dict[str, float]:
        """State before the first step: every compartment at its E_j."""
        return self.offsets

    def constants(self, dt_ms: float) -> Constants:
        """Return the propagators of one step."""
        for part in self.compartments:
            require_tau(self, f"c_m_pf / g_l_ns of {part.name}", part.c_m_pf / part.g_l_ns, dt_ms)
        soma = self.compartments[0]
        return Constants(
            n_compartments=float(self.n_compartments),
            threshold=self.v_threshold_mv - soma.e_l_mv,
            reset=self.v_reset_mv - soma.e_l_mv,
            n_refractory=refractory_steps(self, dt_ms),
            decay=np.array([math.expm1(-dt_ms / part.tau_syn_ms) for part in self.compartments]),
            free=self.propagators(dt_ms, is_held=False),
            held=self.propagators(dt_ms, is_held=True),
        )

    def propagators(self, dt_ms: float, is_held: bool) -> np.ndarray:
        """Return the change of each v from all v, all i, the soma's current and 1: [k, 2 k + 2].

        is_held: v of the soma does not change.
        """
        k = self.n_compartments
        matrix = np.zeros((2 * k + 2, 2 * k + 2))
        for j, part in enumerate(self.compartments):
            matrix[j, j] -= part.g_l_ns
            matrix[j, k + j] = 1.0
            matrix[j, 2 * k + 1] += part.i_offset_pa
            matrix[k + j, k + j] = -1.0 / part.tau_syn_ms
        matrix[0, 2 * k] = 1.0
        for j, parent in enumerate(parents_of(self.compartments)):
            if parent >= 0:
                _couple(matrix, j, parent, self.compartments)
        capacitances = np.array([part.c_m_pf for part in self.compartments])
        matrix[:k] /= capacitances[:, None]
        if is_held:
            matrix[0] = 0.0
        return matrix_expm1(matrix, dt_ms)[:k]


def _couple(matrix: np.ndarray, j: int, parent: int, compartments: tuple[Compartment, ...]) -> None:
    """Add the current between a compartment and its parent; v are relative to their rests."""
    g = compartments[j].coupling_ns
    difference = compartments[parent].e_l_mv - compartments[j].e_l_mv
    for own, other, sign in ((j, parent, 1.0), (parent, j, -1.0)):
        matrix[own, own] -= g
        matrix[own, other] += g
        matrix[own, -1] += sign * g * difference


@device
def change_of_v(p, k, a, b, rows, current, out):
    """out = change of one compartment's v by the propagators ``p`` [2 k + 2]."""
    # dv_j = p_1 + p_I I + sum over m of (p_vm v_m + p_im i_m)
    for i in range(out.size):
        out[i] = p[2 * k + 1] + current[i] * p[2 * k]
    for m in range(k):
        v, i_syn = rows[m, a:b], rows[k + m, a:b]
        from_v, from_i = p[m], p[k + m]
        for i in range(out.size):
            out[i] += v[i] * from_v + i_syn[i] * from_i


@device
def step(row, a, b, rows, whole, inputs, current, spiked):
    """Advance the neurons of slots a .. b - 1 by one step; see the module's equations."""
    c = read_head(row, 0)
    k = np.int64(c.n_compartments)
    n, width = b - a, 2 * k + 2
    decays = row[HEAD_SIZE : HEAD_SIZE + k]
    free_start = HEAD_SIZE + k
    held_start = free_start + k * width
    refractory = whole[2 * k, a:b]
    # 1. The change of every v, with the soma free and with the soma held, from all old values.
    for j in range(k):
        free, held = row[free_start + j * width :], row[held_start + j * width :]
        change_of_v(free, k, a, b, rows, current, inputs[k + j, :n])
        change_of_v(held, k, a, b, rows, current, inputs[2 * k + j, :n])
    # 2. v(t + h) = v + change;   i(t + h) = i exp(-h / tau) + w
    for j in range(k):
        decay = decays[j]
        v, i_syn, arriving = rows[j, a:b], rows[k + j, a:b], inputs[j, :n]
        free, held = inputs[k + j, :n], inputs[2 * k + j, :n]
        for i in range(n):
            v[i] += held[i] if refractory[i] > 0 else free[i]
            i_syn[i] = flushed(i_syn[i] + i_syn[i] * decay + arriving[i])
    # 3. The soma spikes.
    v = rows[0, a:b]
    for i in range(n):
        fires = v[i] >= c.threshold
        v[i] = c.reset if fires else v[i]
        refractory[i] = counted_down(refractory[i], fires, c.n_refractory)
        spiked[i] = np.uint8(1) if fires else np.uint8(0)


advance = table_driver(step, Constants)
