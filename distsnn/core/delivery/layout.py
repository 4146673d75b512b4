"""Layout of the 16-bit ring index on one rank."""

from __future__ import annotations

from dataclasses import dataclass

from distsnn.checks import must_be
from distsnn.errors import CapacityError
from distsnn.kernels.formats import MAX_CORES, RING_BITS, RING_SIZE, bits_for
from distsnn.network import Network


def longest_delay(network: Network) -> int:
    """Return the longest delay of a network's synapses, in steps; 1 without synapses."""
    return max((projection.delay_steps[1] for projection in network.projections), default=1)


@dataclass(frozen=True)
class RingLayout:
    """[fine delay | lane | core in group | lid], most significant first, at most 16 bits in total.

    A group is 2^core_bits cores that share one ring of up to 65,536 sums. The more cores share a ring,
    the fewer delay slots are left; rows with longer delays wait in the calendar.

    lid_bits: bits of the neuron's number on its core. lane_bits: bits of the lane of its input.
    fine_bits: bits of the delay within the ring, no more than the delays of the network need, since
    unused slots would still pass through the caches. If there are several groups, every ring has
    65,536 sums.
    """

    lid_bits: int
    core_bits: int
    lane_bits: int
    fine_bits: int

    @classmethod
    def choose(cls, lid_bits: int, n_lanes: int, n_cores: int, longest_delay: int) -> RingLayout:
        """Return the layout for a rank with ``n_cores`` cores, with as many of them per ring as fit.

        longest_delay: in steps. Raises CapacityError if there are too many cores, or if the sums of
        one core do not fit in a ring.
        """
        if n_cores > MAX_CORES:
            remedy = "Use more ranks, or put more neurons on a core."
            raise CapacityError(must_be("rank", f"at most {MAX_CORES} cores", n_cores, remedy))
        lane_bits = bits_for(n_lanes)
        free_bits = RING_BITS - lid_bits - lane_bits
        if free_bits < 0:
            raise CapacityError(
                must_be(
                    f"cores of {1 << lid_bits} neurons with {n_lanes} receptors or lanes of weights",
                    f"at most {RING_SIZE} sums of input",
                    n_lanes << lid_bits,
                    "Put fewer neurons on a core (neurons_per_core).",
                )
            )
        # 16 bits = fine | lane | core | lid: cores take what lanes and neurons leave, delays the rest.
        core_bits = min(free_bits, max(0, (n_cores - 1).bit_length()))
        delay_bits = max(0, (longest_delay - 1).bit_length())
        return cls(lid_bits, core_bits, lane_bits, min(free_bits - core_bits, delay_bits))

    @property
    def slot_shift(self) -> int:
        """Number of bits below the fine delay in a ring index."""
        return self.lid_bits + self.core_bits + self.lane_bits

    @property
    def ring_size(self) -> int:
        """Number of sums in a ring."""
        return 1 << (self.slot_shift + self.fine_bits)

    @property
    def n_slots(self) -> int:
        """Number of delay slots of a ring, one for each step that it covers."""
        return 1 << self.fine_bits

    @property
    def lane_size(self) -> int:
        """Number of sums of one lane in one delay slot."""
        return 1 << (self.lid_bits + self.core_bits)

    def n_groups(self, n_cores: int) -> int:
        """Return the number of rings of a rank with ``n_cores`` cores."""
        # n_cores / 2^core_bits, rounded up
        return max(1, -(-n_cores >> self.core_bits))

    def ring_start(self, core_local: int, lid: int) -> int:
        """Return the index of a neuron's sum in all rings of the rank, for delay slot 0 and lane 0."""
        # local core = [group | core in group]
        group, core = core_local >> self.core_bits, core_local & ((1 << self.core_bits) - 1)
        return group * RING_SIZE + (core << self.lid_bits) + lid
