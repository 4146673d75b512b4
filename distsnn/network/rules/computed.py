"""Rules whose synapses follow from a formula, so that a rank need not store them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network.distributions.distributions import Constant
from distsnn.network.distributions.listed import Listed
from distsnn.network.rules.ends import Ends, Streams
from distsnn.network.rules.explicit import ExplicitList

STORED, COMPUTED, AUTO = "stored", "computed", "auto"


class ComputedRule(ABC):
    """A connection rule from which the synapses of one source neuron can be computed.

    It is a ``Rule`` too. Synapses are listed by target and, for each target, in ascending order of the
    sources. ``core/delivery/computed/kinds`` has a file for each class, which delivers the synapses.
    """

    @property
    @abstractmethod
    def weights(self) -> Listed:
        """The different weights of the synapses, in the receptor's unit."""

    @abstractmethod
    def weights_of(self, start: int, stop: int) -> np.ndarray:
        """Return the weights of all synapses onto targets start .. stop - 1, float64."""

    @abstractmethod
    def n_entries(self, starts: np.ndarray, stops: np.ndarray) -> int:
        """Return how many different weights there are onto targets in the runs starts .. stops - 1."""

    @abstractmethod
    def check(self, ends: Ends) -> None:
        """See ``Rule``."""

    @abstractmethod
    def expected_synapses(self, ends: Ends) -> float:
        """See ``Rule``."""

    @abstractmethod
    def most_synapses(self, ends: Ends) -> int:
        """See ``Rule``."""

    @abstractmethod
    def most_in_degree(self, ends: Ends) -> int:
        """See ``Rule``."""

    @abstractmethod
    def counts(self, ends: Ends, streams: Streams, start: int, stop: int) -> np.ndarray:
        """See ``Rule``."""

    @abstractmethod
    def fill(
        self, ends: Ends, streams: Streams, start: int, counts: np.ndarray, out: np.ndarray
    ) -> None:
        """See ``Rule``."""

    @abstractmethod
    def edges(self) -> ExplicitList:
        """Return the same synapses as a list."""


def is_computed(
    subject: str,
    form: Any,
    rule: Any,
    delays: Any,
    *,
    is_plastic: bool,
    is_settable: bool,
) -> bool:
    """Return whether the synapses of a projection are computed when a spike comes.

    form: the argument ``synapses`` of ``Network.connect``. is_settable: ``weight_bounds`` are given.
    Raises NetworkError for another word, and for "computed" where they cannot be.
    """
    if not isinstance(form, str) or form not in (STORED, COMPUTED, AUTO):
        limit = f"{STORED!r}, {COMPUTED!r} or {AUTO!r}"
        raise NetworkError(must_be(f"{subject}: synapses", limit, form, "Choose one."))
    if form == STORED:
        return False
    reason = obstacle(rule, delays, is_plastic=is_plastic, is_settable=is_settable)
    if reason and form == COMPUTED:
        limit = f"{STORED!r} or {AUTO!r} {reason}"
        raise NetworkError(must_be(f"{subject}: synapses", limit, form, "Leave it out."))
    return not reason


def obstacle(rule: Any, delays: Any, *, is_plastic: bool, is_settable: bool) -> str:
    """Return what keeps synapses from following from the rule alone, "" for nothing."""
    obstacles = (
        (not isinstance(rule, ComputedRule), "without a Convolution between whole populations"),
        (not isinstance(delays, Constant), "with several delays"),
        (is_plastic, "with plasticity"),
        (is_settable, "with weight_bounds"),
    )
    return next((reason for is_present, reason in obstacles if is_present), "")
