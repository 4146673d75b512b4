"""Rules whose synapses follow from a formula, so that a rank need not store them."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import NetworkError
from distsnn.network.distributions.distributions import Constant
from distsnn.network.rules.listing import Listing

STORED, COMPUTED, AUTO = "stored", "computed", "auto"


class ComputedRule(Listing):
    """A connection rule from which the synapses of one source neuron can be computed.

    Synapses are listed by target and, for each target, in ascending order of the sources; delays are
    the projection's. ``core/delivery/computed/kinds`` has a file for each class, which delivers the
    synapses.
    """

    @abstractmethod
    def n_entries(self, starts: np.ndarray, stops: np.ndarray) -> int:
        """Return how many different weights there are onto targets in the runs starts .. stops - 1."""


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
