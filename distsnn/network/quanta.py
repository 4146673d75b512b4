"""The quantum of the weights onto each receptor of each population.

A weight is stored as an int16 multiple n of the quantum q of its target's receptor, so that sums of
weights are exact whatever their order. Where weights are distributed, q is the largest possible
|weight| / 32,767. Constants choose q such that all of them are multiples: the largest is m quanta,
and of m in (16,383 .. 32,767] the one with the smallest worst relative error is taken; where
several are exact, the power of two, since float32 then gives back the very weights. Fewer quanta
are taken where a neuron's largest possible sum in one step would not fit an int32. A model whose
weights are integers says its quanta itself (``weight_quanta``, one per receptor).
"""

from __future__ import annotations

import numpy as np

from distsnn.errors import NetworkError
from distsnn.network.description import Projection
from distsnn.network.distributions import Constant
from distsnn.network.listed import Listed
from distsnn.network.network import Network
from distsnn.network.outcomes import nearest
from distsnn.stimuli import SpikeSource

MOST_QUANTA = 32_767
LEAST_QUANTA = 128  # fewer would give weights of less than 1 % resolution
LARGEST_SUM = 2**31 - 1
MOST_LISTED_VALUES = 64  # a list of more different weights is taken as a distribution
EXACT = 1e-12  # relative error below which a constant counts as a multiple
LARGEST_ERROR = 0.01


class Quanta:
    """The quantum of each receptor that has synapses; in the receptor's unit.

    Raises NetworkError where weights onto one receptor differ too much in size, or where too many
    synapses could sum up to more than an int32 holds.
    """

    def __init__(self, network: Network) -> None:
        onto: dict[tuple[int, int], list[Projection]] = {}
        for projection in network.projections:
            onto.setdefault((projection.target.index, projection.receptor), []).append(projection)
        self._quantum = {key: common_quantum(group) for key, group in onto.items()}

    def of(self, population: int, receptor: int) -> float:
        """Return the quantum of a receptor of a population, 1 where nothing projects onto it."""
        return self._quantum.get((population, receptor), 1.0)


def common_quantum(projections: list[Projection]) -> float:
    """Return the quantum for all projections onto one receptor."""
    sizes = [largest_size(projection) for projection in projections]
    largest = max(sizes)
    first = projections[0]
    given = getattr(first.target.model, "weight_quanta", None)
    if largest == 0.0:
        return 1.0 if given is None else given[first.receptor]
    most = most_quanta(projections, sizes)
    if given is not None:
        return _given_quantum(projections, given[first.receptor], most)
    constants = constant_sizes(projections)
    if not constants.size:
        return largest / most
    m_high = int(most * (constants[-1] / largest))
    if m_high < 1:
        _require_representable(projections, constants, largest / most)
        return largest / most
    quantum = _best_quantum(constants, m_high)
    _require_representable(projections, constants, quantum)
    return quantum


def _given_quantum(projections: list[Projection], quantum: float, most: int) -> float:
    """Return the quantum that the model prescribes, to which weights are rounded as on its chip."""
    for projection in projections:
        if largest_size(projection) > quantum * most:
            raise NetworkError(
                f"{projection.name}: weights of up to {largest_size(projection):g}, limit "
                f"{quantum * most:g} for a {type(projection.target.model).__name__}. Scale them."
            )
    return quantum


def largest_size(projection: Projection) -> float:
    """Return the largest possible |weight|."""
    return max(abs(bound) for bound in projection.weight_bounds)


def most_quanta(projections: list[Projection], sizes: list[float]) -> int:
    """Return how many quanta the largest weight may have so that no sum exceeds an int32."""
    largest = max(sizes)
    in_largest = sum(
        projection.most_in_degree() * _spikes_per_step(projection) * (size / largest)
        for projection, size in zip(projections, sizes, strict=True)
    )
    most = min(MOST_QUANTA, int(LARGEST_SUM / max(in_largest, 1.0)) - 1)
    if most < LEAST_QUANTA:
        first = projections[0]
        raise NetworkError(
            f"population {first.target.name}: receptor {first.receptor} may get "
            f"{in_largest:.3g} times its largest weight in one step, "
            f"limit {LARGEST_SUM // LEAST_QUANTA}. Lower the number of synapses per neuron."
        )
    return most


def _spikes_per_step(projection: Projection) -> int:
    """Return how often one source can spike in one step."""
    model = projection.source.model
    if isinstance(model, SpikeSource):
        return max(1, model.most_per_step(projection.dt_ms))
    return 1


def constant_sizes(projections: list[Projection]) -> np.ndarray:
    """Return the sizes of the weights that are to be multiples, ascending, without 0."""
    sizes = [0.0]
    for projection in projections:
        weight = projection.weight
        step = getattr(projection.plasticity, "weight_step", None)
        if step is not None:
            sizes.extend([step, largest_size(projection)])
        elif hasattr(projection.plasticity, "weight_bounds"):
            continue
        elif isinstance(weight, Constant):
            sizes.append(abs(weight.value))
        elif isinstance(weight, Listed):
            different = np.unique(np.abs(weight.values))
            sizes.extend(different.tolist() if different.size <= MOST_LISTED_VALUES else [])
    return np.unique(sizes)[1:]


def _best_quantum(constants: np.ndarray, m_high: int) -> float:
    """Return the quantum that makes the constants multiples best; the largest is m quanta."""
    m = np.arange(m_high // 2 + 1, m_high + 1)
    worst = np.zeros(m.size)
    for size in constants:
        ideal = size / constants[-1] * m
        worst = np.maximum(worst, np.abs(nearest(ideal) - ideal) / ideal)
    exact = m[worst < EXACT]
    powers = exact[(exact & (exact - 1)) == 0]
    if powers.size:
        return float(constants[-1] / powers[0])
    best = exact[-1] if exact.size else m[np.flatnonzero(worst == worst.min())[-1]]
    return float(constants[-1] / best)


def _require_representable(
    projections: list[Projection], constants: np.ndarray, quantum: float
) -> None:
    """Raise where a constant weight is so small beside the others that it would be changed."""
    for projection in projections:
        if hasattr(projection.plasticity, "weight_bounds"):
            _require_grades(projection, constants, quantum)
            continue
        if not isinstance(projection.weight, Constant) or projection.weight.value == 0.0:
            continue
        ideal = abs(projection.weight.value) / quantum
        error = abs(float(nearest(ideal)) - ideal) / ideal
        if error > LARGEST_ERROR:
            raise NetworkError(
                f"{projection.name}: weight {projection.weight.value:g} would be changed by "
                f"{error:.1%} beside weights of up to {constants[-1]:g}, limit "
                f"{LARGEST_ERROR:.0%}. Use another receptor for weights of other size."
            )


def _require_grades(projection: Projection, constants: np.ndarray, quantum: float) -> None:
    """Raise where learned weights would have too few grades beside the others."""
    low, high = projection.weight_bounds
    grades = (high - low) / quantum
    if grades * LARGEST_ERROR < 1.0:
        raise NetworkError(
            f"{projection.name}: learned weights of {low:g} to {high:g} would have {grades:.0f} "
            f"grades beside weights of up to {constants[-1]:g}, limit {1 / LARGEST_ERROR:.0f}. "
            "Use another receptor for weights of other size."
        )
