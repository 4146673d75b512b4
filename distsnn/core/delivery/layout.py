"""How the 16 bits of a ring index are used on one rank."""

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
    """[fine delay | lane | core in group | lid], most significant first, up to 16 bits in all.

    A group is 2^core_bits cores with one ring of up to 65,536 sums. The more cores share a ring, the
    fewer delay slots it has; rows wait in the calendar for what the ring does not cover. fine_bits:
    bits of delay that the ring covers, no more than delays need: what is never used would pass
    through the caches all the same. Where there are several groups each ring has 65,536 sums.
    """

    lid_bits: int
    core_bits: int
    lane_bits: int
    fine_bits: int

    @classmethod
    def choose(
        cls, lid_bits: int, n_lanes: int, n_cores: int, longest_delay: int
    ) -> RingLayout:
        """Return the layout for a rank with ``n_cores`` cores: as many of them to a ring as fit.

        longest_delay: in steps.
        """
        if n_cores > MAX_CORES:
            remedy = "Use more ranks, or put more neurons on a core."
            raise CapacityError(must_be("rank", f"at most {MAX_CORES} cores", n_cores, remedy))
        lane_bits = bits_for(n_lanes)
        most = RING_BITS - lid_bits - lane_bits
        if most < 0:
            raise CapacityError(
                must_be(
                    f"cores of {1 << lid_bits} neurons with {n_lanes} receptors or lanes of weights",
                    f"at most {RING_SIZE} sums of input", n_lanes << lid_bits,
                    "Put fewer neurons on a core (neurons_per_core).",
                )
            )
        core_bits = min(most, max(0, (n_cores - 1).bit_length()))
        needed = max(0, (longest_delay - 1).bit_length())
        return cls(lid_bits, core_bits, lane_bits, min(most - core_bits, needed))

    @property
    def slot_shift(self) -> int:
        """Bits of a ring index below the fine delay."""
        return self.lid_bits + self.core_bits + self.lane_bits

    @property
    def ring_size(self) -> int:
        """Sums of one ring."""
        return 1 << (self.slot_shift + self.fine_bits)

    @property
    def n_slots(self) -> int:
        """Steps that the ring covers."""
        return 1 << self.fine_bits

    @property
    def lane_size(self) -> int:
        """Ring entries per lane and slot."""
        return 1 << (self.lid_bits + self.core_bits)

    def n_groups(self, n_cores: int) -> int:
        """Return how many rings a rank with ``n_cores`` cores has."""
        return max(1, -(-n_cores >> self.core_bits))

    def ring_start(self, core_local: int, lid: int) -> int:
        """Return where a core's slot lies in the rank's rings (slot 0, lane 0)."""
        group, core = core_local >> self.core_bits, core_local & ((1 << self.core_bits) - 1)
        return group * RING_SIZE + (core << self.lid_bits) + lid
