"""Neuron of several Loihi compartments, joined as a tree on one core, in the chip's own integers.

Each compartment has the integers of ``LoihiCuba`` (q, u, s, v; same wraps, decays and thresholds). In
each step children are computed before their parents. A child hands its parent a number (``hands``:
"u", its sum s, or "v", its v before a reset) and whether its v is above its threshold. With A the
first child named, the parent's s becomes by ``join``

    add    s + the sum of the children's numbers
    min    the least of s and the children's numbers            max    the greatest
    or     s if any child is above its threshold, else 0        and    s if all are, else 0
    pass   s + the numbers of the children after A if A is above its threshold, else 0
    block  0 if A is above its threshold, else s + the numbers of the children after A

and wraps at 23 bits and sign. A compartment above its threshold spikes (v = 0, refractory), or with
``spikes=False`` hands on v as it is if it is above its threshold, else 0. Only the root's
spikes leave the neuron. Each compartment is a receptor of its own; a ``Current`` of x pA counts as a
further bias x of the root. ``saturations`` counts the steps in which any number did not fit.

Source: Davies et al. 2018, IEEE Micro 38(1):82 (compartments joined as a tree, with the chip's join
operations); the order within a step and the integers are those of ``LoihiCuba``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels import device
from distsnn.kernels.neuron.constants import reader
from distsnn.kernels.neuron.loihi_joins import AND, JOINS, OR, fire, sum_of, take_child
from distsnn.kernels.neuron.table_driver import table_driver
from distsnn.neurons.compartments import TreeModel, parents_of, require_tree
from distsnn.neurons.loihi_cuba import LoihiCuba
from distsnn.neurons.parameters import CheckedParameters

HANDS = ("u", "v")
# Rows of the table of states: these of each compartment in turn, then one of saturations.
VARIABLES = ("u", "v", "refractory", "bias", "handed", "above")
U, V, REFRACTORY, BIAS, HANDED, ABOVE = range(6)
N_VARIABLES = 6


class Part(NamedTuple):
    """Constants of one compartment, whole numbers that float32 holds exactly."""

    keep_u: float  # 4095 - decay_u, in 1/4096
    keep_v: float  # 4096 - decay_v
    threshold: float
    n_refractory: float  # steps
    weight_shift: float  # bits
    v_min_exponent: float
    v_max: float
    join: float  # place in JOINS
    hands_v: float  # 1 or 0
    spikes: float  # 1 or 0
    parent: float  # place among the compartments, -1 for the root


class Constants(NamedTuple):
    """Constants of one step; parts: [compartments, fields of Part]."""

    n_compartments: float
    parts: np.ndarray


FIRST_PART = 1  # place of the first part in the row of constants
PART_SIZE = len(Part._fields)
FIRST_PARENT = FIRST_PART + Part._fields.index("parent")  # place of the first part's parent
read_part = reader(Part)


@dataclass(frozen=True)
class LoihiCompartment(CheckedParameters):
    """One compartment; the integers mean what they mean in ``LoihiCuba``."""

    name: str
    parent: str | None = None
    join: str = "none"
    hands: str = "u"
    spikes: bool = True
    decay_u: int = 4095
    decay_v: int = 128
    threshold_mantissa: int = 100
    bias_mantissa: int = 0
    bias_exponent: int = 0
    refractory_steps: int = 1
    weight_exponent: int = 0
    v_min_exponent: int = 23
    v_max_exponent: int = 7

    limits: ClassVar[dict[str, tuple[int, int]]] = {
        name: limits
        for name, limits in LoihiCuba.limits.items()
        if not name.startswith("noise") and name != "weight_bits"
    } | {"v_min_exponent": (0, 23)}
    parameter_units: ClassVar[dict[str, str]] = LoihiCuba.parameter_units
    choices: ClassVar[dict[str, tuple[str, ...]]] = {"join": JOINS, "hands": HANDS}

    def constants(self, parent: int) -> Part:
        """Return the constants of this compartment, whose parent has the place ``parent``."""
        return Part(
            keep_u=4095.0 - self.decay_u,
            keep_v=4096.0 - self.decay_v,
            threshold=64.0 * self.threshold_mantissa,
            n_refractory=float(self.refractory_steps),
            weight_shift=6.0 + self.weight_exponent,
            v_min_exponent=float(self.v_min_exponent),
            v_max=2.0 ** (9 + 2 * self.v_max_exponent) - 1.0,
            join=float(JOINS.index(self.join)),
            hands_v=float(HANDS.index(self.hands)),
            spikes=float(self.spikes),
            parent=float(parent),
        )


@dataclass(frozen=True)
class LoihiTree(TreeModel):
    """Parameters of a neuron of joined compartments; the first one is the root."""

    compartments: tuple[LoihiCompartment, ...] = (
        LoihiCompartment("soma", join="add"),
        LoihiCompartment("dendrite", "soma"),
    )

    weight_unit: ClassVar[str] = "mantissa"

    def __post_init__(self) -> None:
        require_tree("LoihiTree", self.compartments, LoihiCompartment)
        parents = parents_of(self.compartments)
        for index, part in enumerate(self.compartments):
            n_children = parents.count(index)
            if (n_children > 0) != (part.join != "none"):
                limit = "a join with children, 'none' without"
                got = f"{part.join} with {n_children} children"
                setting = f"LoihiTree: join of compartment {part.name}"
                raise NetworkError(must_be(setting, limit, got, "Change its join."))

    @property
    def states(self) -> dict[str, str]:
        """VARIABLE_NAME of every compartment (``VARIABLES``), and ``saturations``."""
        names = [f"{kind}_{name}" for name in self.receptors for kind in VARIABLES]
        return dict.fromkeys([*names, "saturations"], "i4")

    @property
    def units(self) -> dict[str, str]:
        """Units of the state variables."""
        return {name: "steps" if name[:3] in ("ref", "sat") else "1" for name in self.states}

    @property
    def weight_quanta(self) -> tuple[float, ...]:
        """Weights are whole mantissas."""
        return (1.0,) * self.n_compartments

    def initial(self) -> dict[str, float]:
        """State before the first step: nothing but the biases."""
        return {
            f"bias_{part.name}": float(part.bias_mantissa * 2**part.bias_exponent)
            for part in self.compartments
        }

    def constants(self, dt_ms: float) -> Constants:
        """Return the constants of one step, which is one step of the chip for any ``dt_ms``."""
        parents = parents_of(self.compartments)
        parts = [part.constants(j) for part, j in zip(self.compartments, parents, strict=True)]
        return Constants(float(self.n_compartments), np.array(parts))


@device
def step(row, a, b, rows, whole, inputs, current, spiked):
    """Advance the neurons of slots a .. b - 1 by one step; see the module's equations."""
    k, n = np.int64(row[0]), b - a
    no_current, misfit = inputs[k, :n], inputs[k + 1, :n]
    for i in range(n):
        no_current[i] = np.float32(0.0)
        misfit[i] = np.float32(0.0)
    # children before their parents, which are named first
    for j in range(k - 1, -1, -1):
        part, first = read_part(row, FIRST_PART + j * PART_SIZE), j * N_VARIABLES
        join, is_first = np.int64(part.join), True
        u, bias = whole[first + U, a:b], whole[first + BIAS, a:b]
        s, gate = whole[first + HANDED, a:b], whole[first + ABOVE, a:b]
        # s = u + bias + I; u = decay(u) + q
        sum_of(part, u, bias, inputs[j, :n], current if j == 0 else no_current, s, misfit)
        # s and the children's numbers by the join; gate: whether s counts
        for i in range(n):
            gate[i] = np.int32(1) if join == AND else np.int32(0)
        for child in range(j + 1, k):
            if np.int64(row[FIRST_PARENT + child * PART_SIZE]) == j:
                at = child * N_VARIABLES
                number, above = whole[at + HANDED, a:b], whole[at + ABOVE, a:b]
                take_child(join, is_first, number, above, s, gate)
                is_first = False
        if join >= OR:
            for i in range(n):
                s[i] = s[i] if gate[i] > 0 else np.int32(0)
        # v = decay(v) + s -> spike -> the number for the parent
        v, refractory = whole[first + V, a:b], whole[first + REFRACTORY, a:b]
        fire(part, v, refractory, s, gate, misfit, spiked, j == 0)
    saturations = whole[k * N_VARIABLES, a:b]
    for i in range(n):
        saturations[i] = np.int32(saturations[i] + np.int32(misfit[i]))


advance = table_driver(step, Constants)
