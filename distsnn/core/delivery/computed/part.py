"""The interface of what computes the synapses of one projection on a rank."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, NamedTuple, TypeVar, cast

import numpy as np

from distsnn.core.delivery.layout import RingLayout
from distsnn.kernels import Kernel
from distsnn.kernels.delivery.marks import mark_synapses
from distsnn.mapping.plan import Slice
from distsnn.network import Projection
from distsnn.network.draw import draw_sources, draw_weights
from distsnn.network.rules.computed import ComputedRule
from distsnn.network.weights.quanta import Quanta

AnyRule = TypeVar("AnyRule", bound=ComputedRule)
FIRST_ROOM = 64  # axons per bucket of the calendar, grown on demand


@dataclass(frozen=True)
class Site:
    """What is known on a rank of one projection. pieces: slices of its target and their local cores.

    axon_gids: uint32 [axons], source neurons of all axons in, ascending. batch: steps per exchange.
    seed: of the network.
    """

    projection: Projection
    pieces: Sequence[tuple[Slice, int]]
    layout: RingLayout
    quanta: Quanta
    axon_gids: np.ndarray
    batch: int
    seed: int


class Description(NamedTuple):
    """The arrays from which a kernel computes synapses; see ``kernels/delivery/computed.py``.

    facts: those of the kind alone.
    """

    facts: Sequence[int]
    words: np.ndarray
    table: np.ndarray
    starts: np.ndarray


class ComputedPart(ABC, Generic[AnyRule]):
    """The computed synapses of one projection on one rank; one subclass per class of rules.

    rule_type: the class of rules that the subclass serves. kernel: what delivers them.
    """

    rule_type: ClassVar[type[ComputedRule]]
    kernel: ClassVar[Kernel]

    def __init__(self, site: Site) -> None:
        self.site, projection = site, site.projection
        self.rule = cast(AnyRule, projection.rule)
        description = self.describe()
        # Sources are consecutive gids, and so are their axons.
        first_gid = projection.source.gid_start
        first, end = np.searchsorted(
            site.axon_gids, [first_gid, first_gid + projection.source.size]
        )
        # delay - 1 = wait + fine
        behind = projection.delay_steps[0] - 1
        fine = behind & (site.layout.n_slots - 1)
        wait = behind - fine
        self.facts = np.array(
            [first, end - first, first_gid, wait, fine, *description.facts], dtype=np.int64
        )
        self.words, self.table, self.starts = description[1:]
        # One bucket for each step from the oldest of a batch to the end of the wait.
        length = 1 << (wait + site.batch).bit_length() if wait else 1
        self.n_waiting = np.zeros((1, length), dtype=np.int64)
        self.calendar = np.empty((length, FIRST_ROOM if wait else 1), dtype=np.uint32)

    @abstractmethod
    def describe(self) -> Description:
        """Return the description of the synapses onto the slices of the rank."""

    def bind(self, own_axons: np.ndarray, received: np.ndarray, ring: np.ndarray) -> None:
        """Bind the kernel to the arrays of a step's axons and packets, and to the rings."""
        self._bound_to = own_axons, received, ring
        self.bound: Callable[..., int] = self.kernel.bind(
            own_axons, received, self.site.axon_gids, self.facts, self.words, self.table, self.starts,
            ring, self.calendar, self.n_waiting,
        )  # fmt: skip

    def grow(self, room: int) -> None:
        """Enlarge the calendar to ``room`` axons per bucket, keep its content, and bind again."""
        calendar = np.empty((self.calendar.shape[0], room), dtype=np.uint32)
        calendar[:, : self.calendar.shape[1]] = self.calendar
        self.calendar = calendar
        self.bind(*self._bound_to)

    def add_marks(self, salts: np.ndarray, digest: np.ndarray) -> None:
        """Add the synapses onto this rank to digest[0]; salts: by lane."""
        projection, seed = self.site.projection, self.site.seed
        code = self.site.quanta.code(projection)
        for piece, _ in self.site.pieces:
            counts, sources = draw_sources(projection, piece.start, piece.stop, seed)
            quanta, lanes = draw_weights(projection, piece.start, counts, seed, code, sources)
            mark_synapses(
                projection.source.gid_start, projection.target.gid_start + piece.start,
                projection.delay_steps[0], counts, sources, quanta, lanes, salts, digest,
            )  # fmt: skip

    @property
    def n_bytes(self) -> int:
        """Memory of the description and of the calendar, in bytes."""
        arrays = (self.facts, self.words, self.table, self.starts, self.calendar)
        return sum(array.nbytes for array in arrays) + self.n_waiting.nbytes
