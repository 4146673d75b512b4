"""How the 16 bits of a ring index are used on one rank."""

from __future__ import annotations

from dataclasses import dataclass

RING_BITS = 16
RING_SIZE = 1 << RING_BITS


@dataclass(frozen=True)
class RingLayout:
    """[fine delay | receptor | core in group | lid], most significant first, 16 bits in all.

    A group is 2^core_bits cores with one ring of 65,536 sums. The more cores share a ring, the
    fewer delay slots it has; rows wait in the calendar for what the ring does not cover.
    """

    lid_bits: int
    core_bits: int
    receptor_bits: int

    @classmethod
    def choose(cls, lid_bits: int, n_receptors: int, n_cores: int) -> RingLayout:
        """Return the layout for a rank with ``n_cores`` cores: as many of them to a ring as fit."""
        receptor_bits = max(0, (n_receptors - 1).bit_length())
        most = RING_BITS - lid_bits - receptor_bits
        return cls(lid_bits, min(most, max(0, (n_cores - 1).bit_length())), receptor_bits)

    @property
    def fine_bits(self) -> int:
        """Bits of delay that the ring covers."""
        return RING_BITS - self.lid_bits - self.core_bits - self.receptor_bits

    @property
    def slot_shift(self) -> int:
        """Bits of a ring index below the fine delay."""
        return RING_BITS - self.fine_bits

    @property
    def n_slots(self) -> int:
        """Steps that the ring covers."""
        return 1 << self.fine_bits

    @property
    def receptor_size(self) -> int:
        """Ring entries per receptor and slot."""
        return 1 << (self.lid_bits + self.core_bits)

    def n_groups(self, n_cores: int) -> int:
        """Return how many rings a rank with ``n_cores`` cores has."""
        return max(1, -(-n_cores >> self.core_bits))

    def ring_start(self, core_local: int, lid: int) -> int:
        """Return where a core's slot lies in the rank's rings (slot 0, receptor 0)."""
        group, core = core_local >> self.core_bits, core_local & ((1 << self.core_bits) - 1)
        return group * RING_SIZE + (core << self.lid_bits) + lid
