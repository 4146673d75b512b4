"""Which neurons learn from an image: the winners among the spikes of all ranks, and their inputs."""

from __future__ import annotations

import numpy as np

from distsnn.comm import Comm
from distsnn.convnet.engine.parts import ConvPart
from distsnn.convnet.engine.plan import PlacedLayer
from distsnn.kernels.conv.layer import N_BINS
from distsnn.kernels.conv.learn import BIN, COLUMN, ROW, choose_winners


class Competition:
    """The winner-take-all of one layer over the ranks of a network."""

    def __init__(
        self, part: ConvPart, placed: PlacedLayer, rank_of_core: np.ndarray, comm: Comm
    ) -> None:
        self.part, self.comm = part, comm
        self.n_bins = int(part.shape[N_BINS])
        self.rank_of_position = rank_of_core[placed.core_of_position]
        self._all = np.zeros((placed.layer.n_positions, 5), dtype=np.int32)
        self._winners = np.zeros(part.settings.winners, dtype=np.int32)
        self._choose = choose_winners.bind(self._all, self._winners)

    def winners(self, image: int) -> np.ndarray:
        """Return the winners of an image of the batch, int32 [winners, 5]. Collective.

        Columns: bin, V - theta in quanta, map, row, column; in the order in which they were chosen.
        """
        part = self.part
        # Run until the winners among the own candidates are complete.
        n = part.find_candidates(image, 0, True, 0)
        if self.comm.n_ranks == 1:
            return part.candidates[part.winners[: part.reached[1]]]
        is_complete, chosen = self._choose_together(n)
        if not is_complete:
            # Another rank is behind, or has fewer candidates: run the image to its end.
            n = part.find_candidates(image, int(part.reached[0]), False, n)
            _, chosen = self._choose_together(n)
        return chosen

    def _choose_together(self, n: int) -> tuple[bool, np.ndarray]:
        """Choose among the candidates of all ranks, up to the bin that all have reached. Collective.

        Returns whether the winners are final, and the winners. They are if they are complete, or if no
        bin is left.
        """
        part = self.part
        own = np.concatenate([[part.reached[0]], part.candidates[:n].ravel()]).astype(np.int32)
        # A message: the bin that the rank has reached, then its candidates.
        received = self.comm.alltoallv([own] * self.comm.n_ranks)
        # Candidates of later bins may be incomplete on the slowest rank.
        common = min(int(message[0]) for message in received)
        known = np.concatenate([message[1:].reshape(-1, 5) for message in received])
        known = known[known[:, BIN] < common]
        self._all[: len(known)] = known
        n_winners = self._choose(len(known), part.settings.radius)
        is_complete = n_winners == self._winners.size or common == self.n_bins
        return is_complete, self._all[self._winners[:n_winners]]

    def pre_before_post_masks(self, image: int, winners: np.ndarray) -> np.ndarray:
        """Return which inputs came before the spike, uint8 [winners, synapses]. Collective."""
        part, comm = self.part, self.comm
        # Only the rank of a winner's position has seen its inputs.
        owners = self.rank_of_position[winners[:, ROW] * part.layer.width + winners[:, COLUMN]]
        masks = np.zeros((len(winners), part.n_synapses), dtype=np.uint8)
        for k in np.flatnonzero(owners == comm.rank):
            row = winners[k]
            part.mark_pre_before_post(image, int(row[ROW]), int(row[COLUMN]), int(row[BIN]))
            masks[k] = part.pre_before_post
        if comm.n_ranks > 1:
            # Each rank sends the masks of its own winners to all, a bit per synapse.
            packed = np.packbits(masks[owners == comm.rank], axis=1)
            received = comm.alltoallv([packed.ravel()] * comm.n_ranks)
            for rank, bits in enumerate(received):
                its = owners == rank
                if its.any():
                    unpacked = np.unpackbits(bits.reshape(int(its.sum()), -1), axis=1)
                    masks[its] = unpacked[:, : part.n_synapses]
        return masks
