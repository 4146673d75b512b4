"""How storing weights as multiples of quanta changes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.network.distributions.distributions import Distribution
from distsnn.network.weights.lanes import PRECISION, WeightCode
from distsnn.network.weights.moments import moments
from distsnn.network.weights.outcomes import N_WORDS, cdf_around_zero


@dataclass(frozen=True)
class WeightError:
    """Relative errors that storing the weights of a projection causes.

    largest: of any weight that was given as a number. mean, sd: of a list or a distribution. lost:
    share of the synapses whose weight was not 0 and is stored as 0, which happens on chips with
    integer weights.
    """

    largest: float = 0.0
    mean: float = 0.0
    sd: float = 0.0
    lost: float = 0.0

    def changes(self) -> str:
        """Return a list, in words, of all errors above ``PRECISION``; "" if there are none."""
        errors = (
            ("a weight by", self.largest),
            ("the mean by", self.mean),
            ("the sd by", self.sd),
        )
        phrases = [f"{words} {error:.2%}" for words, error in errors if error > PRECISION]
        if self.lost > PRECISION:
            phrases.append(f"{self.lost:.2%} of the synapses become 0")
        return ", ".join(phrases)


def error_of_values(
    weights: np.ndarray, code: WeightCode, counts: np.ndarray | None = None
) -> WeightError:
    """Return the errors of storing given weights (float64); counts: synapses with each, None for 1."""
    if not weights.size:
        return WeightError()
    stored = code.decode(*code.encode(weights))
    not_zero = weights != 0
    largest = np.abs(stored[not_zero] / weights[not_zero] - 1.0).max(initial=0.0)
    lost = np.average(not_zero & (stored == 0), weights=counts)
    # The mean of weights of both signs may be near 0; their mean size is not.
    size = np.average(np.abs(weights), weights=counts)
    (stored_mean, stored_sd), (mean, sd) = _moments(stored, counts), _moments(weights, counts)
    return WeightError(
        float(largest),
        _relative_error(stored_mean, mean, float(size)),
        _relative_error(stored_sd, sd, sd),
        float(lost),
    )


def _moments(values: np.ndarray, counts: np.ndarray | None) -> tuple[float, float]:
    """Return mean and standard deviation of values that occur ``counts`` times each."""
    mean = np.average(values, weights=counts)
    return float(mean), float(np.sqrt(np.average((values - mean) ** 2, weights=counts)))


def _relative_error(stored: float, exact: float, scale: float) -> float:
    """Return |stored - exact| / scale, 0 if the scale is 0."""
    return float(abs(stored - exact) / scale) if scale > 0 else 0.0


def error_of_distribution(
    distribution: Distribution, values: np.ndarray, words: np.ndarray
) -> WeightError:
    """Return the errors of drawing from ``values`` alone, value k by words[k] of the 2^32 words.

    values: float64, ascending. words: int64.
    """
    probabilities = words / N_WORDS
    exact = moments(distribution)
    mean = float(values @ probabilities)
    sd = float(np.sqrt(((values - mean) ** 2) @ probabilities))
    # P(exactly 0) = F(0) - F(0-); what is drawn as 0 beyond that is lost.
    below, up_to = cdf_around_zero(distribution)
    lost = probabilities[values == 0.0].sum() - (up_to - below)
    # A mean of about 0 is compared with the standard deviation instead.
    scale = abs(exact.mean) if abs(exact.mean) > PRECISION * exact.sd else exact.sd
    return WeightError(
        0.0,
        _relative_error(mean, exact.mean, scale),
        _relative_error(sd, exact.sd, exact.sd),
        float(lost) if lost > 2.0 / N_WORDS else 0.0,
    )
