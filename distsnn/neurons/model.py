"""What the simulator asks of the model of a population: the one place that names all of it.

A model is a frozen dataclass that inherits from ``NeuronModel``. It declares ``receptors``,
``states``, ``units``, ``weight_unit`` and ``constants()``, and a kernel ``advance`` in its class or
file; everything else has a default here. ``require_complete`` checks that once, when a model's file
is loaded or an instance is given to ``Network.population``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.kernels.compile.declare import Kernel
from distsnn.kernels.compile.of_class import kernel_of_class
from distsnn.kernels.neuron.driver import STATE_DTYPES, ModelKernel
from distsnn.neurons.parameters import CheckedParameters

NEEDED = ("receptors", "states", "units", "weight_unit", "constants")
KERNEL = "advance"
HOW = "End the file with advance = driver(step, Constants, MODEL.states, MODEL.receptors)."


class NoConstants(NamedTuple):
    """The constants of a model that needs none."""


class NeuronModel(CheckedParameters):
    """The model of a population, with the defaults of all that a model may leave out.

    weight_unit: of all receptors. takes_sizes: synapses deliver the sizes of their weights, whose
    signs have chosen the receptor. update_ns: time of a neuron and step, of which only the ratio to
    other models matters (see mapping/work.py). is_source: the population plays given spikes; it has
    no kernel and takes no input.
    """

    weight_unit: ClassVar[str] = ""
    takes_sizes: ClassVar[bool] = False
    update_ns: ClassVar[float] = 1.5
    is_source: ClassVar[bool] = False

    # Properties, so that a class may set them as constants or compute them from its parameters.

    @property
    def receptors(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return ()

    @property
    def states(self) -> Mapping[str, str]:
        """Name -> dtype, 'f4' or 'i4', of the variables of one neuron."""
        return {}

    @property
    def units(self) -> Mapping[str, str]:
        """Name -> unit of the state variables."""
        return {}

    @property
    def offsets(self) -> Mapping[str, float]:
        """Name -> what a state variable is kept relative to: shown and set are absolute values."""
        return {}

    @property
    def decays(self) -> tuple[str, ...]:
        """Names of the constants exp(-dt / tau) - 1 of variables that decay on their own."""
        return ()

    @property
    def weight_quanta(self) -> tuple[float, ...]:
        """Step between weights, one per receptor, if the model prescribes it; else empty."""
        return ()

    @property
    def is_noisy(self) -> bool:
        """Whether ``step`` needs random words."""
        return False

    @property
    def n_compartments(self) -> int:
        """Number of places that a neuron takes on its core."""
        return 1

    def initial(self) -> Mapping[str, float]:
        """Return the state before the first step, absolute; what is not named is 0."""
        return {}

    def constants(self, dt_ms: float) -> tuple[Any, ...]:
        """Return what a step of ``dt_ms`` reads, as a NamedTuple of float64 numbers or arrays."""
        return NoConstants()

    def weight_to_spike(self, margin: float) -> float | None:
        """Return the weight of one spike that lifts a neuron at rest to ``margin`` thresholds.

        Measured from rest; None if it is not known for this model.
        """
        return None

    def require_fit(self, thing: str, size: int, dt_ms: float) -> None:
        """Raise NetworkError unless a population of ``size`` neurons can have this model and step."""
        self.constants(dt_ms)

    def given_spikes(self, dt_ms: float) -> tuple[np.ndarray, np.ndarray]:
        """Return step (int64) and neuron (uint32) of all given spikes, sorted by step, then neuron."""
        return np.empty(0, np.int64), np.empty(0, np.uint32)

    def most_per_step(self, dt_ms: float) -> int:
        """Return the largest number of spikes that one neuron has in one step."""
        return 1


def require_complete(model: type[NeuronModel]) -> None:
    """Raise NetworkError if a model's class lacks what the simulator asks of it."""
    own: set[str] = set()
    for base in model.__mro__[: model.__mro__.index(NeuronModel)]:
        own.update(vars(base))
    missing = [name for name in NEEDED if name not in own]
    if missing:
        limit = f"a class with {', '.join(NEEDED)}"
        got = f"one that lacks {', '.join(missing)}"
        raise NetworkError(f"model {model.__name__}: must be {limit}, got {got}. Add them to it.")
    states: Any = model.states
    wrong = (
        {}
        if isinstance(states, property)
        else {name: dtype for name, dtype in states.items() if dtype not in STATE_DTYPES}
    )
    if wrong:
        limit = " or ".join(STATE_DTYPES)
        remedy = "Choose one of these types."
        raise NetworkError(must_be(f"model {model.__name__}: states", limit, wrong, remedy))


def require_model(thing: str, model: Any) -> None:
    """Raise NetworkError unless ``model`` can be the model of a population.

    It must be an instance of a frozen dataclass that inherits from NeuronModel, complete and with a
    kernel of its own; its states have types that compiled code knows.
    """
    kind: Any = type(model)
    is_model = isinstance(model, NeuronModel) and is_dataclass(model)
    if not is_model or not kind.__dataclass_params__.frozen:
        limit = "an instance of a neuron model, a frozen dataclass that inherits from NeuronModel"
        raise NetworkError(must_be(f"{thing}: model", limit, model, "Give one such as LifExp()."))
    if model.is_source:
        return
    kernel_of_model(model)
    is_sound = isinstance(model.receptors, tuple) and isinstance(model.states, Mapping)
    if not is_sound or not set(model.states.values()) <= set(STATE_DTYPES):
        limit = "a tuple of receptors and a dict of states of types f4 or i4"
        got = f"{model.receptors!r} and {model.states!r}"
        raise NetworkError(
            f"{thing}: model {type(model).__name__} must have {limit}, got {got}. Correct its class."
        )


def kernel_of_model(model: NeuronModel) -> ModelKernel:
    """Return the kernel of a model: its class's, or that of the file or cell that defines it."""
    require_complete(type(model))
    kernel: Kernel = kernel_of_class(type(model), KERNEL, "model", "states", HOW)
    if not isinstance(kernel, ModelKernel):
        raise NetworkError(
            must_be(f"model {type(model).__name__}: {KERNEL}", "made by driver", kernel, HOW)
        )
    return kernel


def constants_of(model: NeuronModel, dt_ms: float) -> tuple[Any, ...]:
    """Return the constants of a step; raise NetworkError unless they are what ``step`` reads.

    Compared by the names of the fields: the class of a notebook's cell may have been made again.
    """
    constants: Any = model.constants(dt_ms)
    wanted: Any = kernel_of_model(model).constants
    if (
        not isinstance(constants, tuple)
        or type(constants).__dict__.get("_fields") != wanted._fields
    ):
        limit = f"the NamedTuple that driver() was given, with {', '.join(wanted._fields)}"
        remedy = "Return one with a name for each constant."
        thing = f"model {type(model).__name__}: constants()"
        raise NetworkError(must_be(thing, limit, constants, remedy))
    return constants
