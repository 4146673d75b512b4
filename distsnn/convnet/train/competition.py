"""Who learns from an image: the winners among the spikes of all ranks, and what they heard."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.convnet.engine.parts import ConvPart
from distsnn.convnet.engine.plan import PlacedLayer
from distsnn.kernels.conv.learn import BIN, COLUMN, MAP, ROW, choose_winners


class Competition:
    """The winner-take-all of one layer over the ranks of a network."""

    def __init__(
        self, part: ConvPart, place: PlacedLayer, rank_of_core: np.ndarray, comm: Any
    ) -> None:
        self.part, self.comm = part, comm
        self.n_bins = int(part.shape[6])
        self.rank_of_position = rank_of_core[place.core_of_position]
        self._all = np.zeros((place.layer.n_positions, 5), dtype=np.int32)
        self._winners = np.zeros(part.settings.winners, dtype=np.int32)
        self._choose = choose_winners.bind(self._all, self._winners)

    def winners(self, image: int) -> np.ndarray:
        """Return the winners of an image of the batch, int32 [winners, 5]. Collective.

        Columns: bin, V - theta in quanta, map, row, column; in the order in which they were chosen.
        """
        part = self.part
        n = part.find_candidates(image, 0, True, 0)
        if self.comm.n_ranks == 1:
            return part.candidates[part.winners[: part.reached[1]]]
        is_complete, chosen = self._choose_together(n)
        if not is_complete:
            n = part.find_candidates(image, int(part.reached[0]), False, n)
            _, chosen = self._choose_together(n)
        return chosen

    def _choose_together(self, n: int) -> tuple[bool, np.ndarray]:
        """Choose among the candidates of all ranks, as far as all have run the image. Collective.

        Returns whether no more can come of running it further, and the winners.
        """
        part = self.part
        own = np.concatenate([[part.reached[0]], part.candidates[:n].ravel()]).astype(np.int32)
        heard = self.comm.alltoallv([own] * self.comm.n_ranks)
        common = min(int(one[0]) for one in heard)
        known = np.concatenate([one[1:].reshape(-1, 5) for one in heard])
        known = known[known[:, BIN] < common]
        self._all[: len(known)] = known
        n_winners = self._choose(len(known), part.settings.radius)
        is_complete = n_winners == self._winners.size or common == self.n_bins
        return is_complete, self._all[self._winners[:n_winners]]

    def pre_before_post_masks(self, image: int, winners: np.ndarray) -> np.ndarray:
        """Return for each winner which synapses had their input in time, uint8. Collective."""
        part, comm = self.part, self.comm
        owners = self.rank_of_position[winners[:, ROW] * part.layer.width + winners[:, COLUMN]]
        early = np.zeros((len(winners), part.n_synapses), dtype=np.uint8)
        for k in np.flatnonzero(owners == comm.rank):
            row = winners[k]
            part.mark_pre_before_post(image, int(row[ROW]), int(row[COLUMN]), int(row[BIN]))
            early[k] = part.pre_before_post
        if comm.n_ranks > 1:
            packed = np.packbits(early[owners == comm.rank], axis=1)
            heard = comm.alltoallv([packed.ravel()] * comm.n_ranks)
            for rank, bits in enumerate(heard):
                its = owners == rank
                if its.any():
                    unpacked = np.unpackbits(bits.reshape(int(its.sum()), -1), axis=1)
                    early[its] = unpacked[:, : part.n_synapses]
        return early


def maps_of(winners: np.ndarray) -> np.ndarray:
    """Return the maps of winners."""
    return winners[:, MAP]
