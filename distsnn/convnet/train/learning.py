"""Learning of the layers of a network, one after the other, without labels.

A layer begins to learn when those before it have finished. Images are shown in a random order,
drawn from the seed; the winners of an image change their kernels before the next image is run.
Source: Kheradpisheh et al. 2018; the growing rates as in the public implementations; thresholds
adapted as in Falez et al. 2019 (arXiv 1904.01908).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.convnet.checks import MAX_THRESHOLD
from distsnn.convnet.engine.counts import Counted
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.engine.parts import ConvPart
from distsnn.convnet.train.competition import Competition
from distsnn.kernels.conv.learn import BIN, MAP
from distsnn.random_streams import generator


class LayerLearner:
    """Learns one layer; ``state`` holds all that is needed to continue later.

    curve: (images shown, C). wins: int64 [maps], number of wins of each feature map. The same on all
    ranks of the network.
    """

    def __init__(self, network: ConvNetwork, part: ConvPart, n_images: int) -> None:
        self.network, self.part, self.n_images = network, part, n_images
        self.number = network.convolutions.index(part)
        settings = part.settings
        placed = network.plan.layers[part.layer.name]
        self._competition = Competition(part, placed, network.plan.rank_of_core, network.comm)
        self._n_copies = placed.patches.n_patches  # of each kernel, one per core
        self.n_shown = 0
        self.a_plus = np.float32(settings.a_plus)
        self.curve: list[tuple[int, float]] = []
        self.wins = np.zeros(settings.maps, dtype=np.int64)
        self.counts: Counted | None = None
        rng = self._random("first weights")
        # Normal weights, inside (0, 1): at 0 or 1 they could not change.
        first = rng.normal(settings.weight_mean, settings.weight_sd, part.weights.shape)
        edge = max(settings.weight_edge, 0.01)
        part.set_weights(np.clip(first, edge, 1.0 - edge).astype(np.float32))
        part.set_theta(np.full(settings.maps, settings.threshold, dtype=np.float32))

    def _random(self, purpose: str, *ids: int) -> np.random.Generator:
        return generator(self.network.settings.seed, f"sdnn {purpose}", self.number, *ids)

    @property
    def is_done(self) -> bool:
        """Whether the layer has converged, or has seen the largest number of images allowed."""
        settings = self.part.settings
        has_converged = bool(self.curve) and self.curve[-1][1] < settings.stop_c
        return has_converged or self.n_shown >= settings.max_images

    def learn(
        self,
        report: Callable[[int, float], None] = lambda n, c: None,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        """Learn until the layer is done. Collective.

        report(images shown, C) and keep() are called whenever C has been computed.
        """
        settings = self.part.settings
        order, epoch = np.empty(0, dtype=np.int64), -1
        while not self.is_done:
            if self.n_shown // self.n_images != epoch:
                epoch = self.n_shown // self.n_images
                order = self._random("order of images", epoch).permutation(self.n_images)
            # The next batch ends where C is computed, at the end of the epoch, or of learning.
            first = self.n_shown % self.n_images
            # Images until C is computed, bounded by a batch and by the end of learning.
            n = settings.check_every - self.n_shown % settings.check_every
            n = min(n, self.network.batch, settings.max_images - self.n_shown)
            self._learn_batch(order[first : first + n])
            if self.n_shown % settings.check_every == 0 or self.is_done:
                self.curve.append((self.n_shown, self.convergence()))
                self._take_counts()
                report(self.n_shown, self.curve[-1][1])
                keep()

    def convergence(self) -> float:
        """Return C, the mean of w (1 - w) over all weights: 0 if all of them are 0 or 1."""
        w = self.part.weights.astype(np.float64)
        return float((w * (1.0 - w)).mean())

    def _learn_batch(self, ids: np.ndarray) -> None:
        network, part, settings = self.network, self.part, self.part.settings
        network.present(ids, up_to=part.layer.name)
        network.counts.finish_batch()
        for k in range(len(ids)):
            # a_plus doubles every ``double_every`` images, up to its maximum.
            doubles = (
                settings.double_every
                and self.n_shown
                and not (self.n_shown % settings.double_every)
            )
            if doubles and self.a_plus < settings.max_a_plus:
                self.a_plus = np.float32(min(2.0 * float(self.a_plus), settings.max_a_plus))
            self._learn_image(k)
            self.n_shown += 1

    def _learn_image(self, image: int) -> None:
        part, settings = self.part, self.part.settings
        winners = self._competition.winners(image)
        if len(winners):
            masks = self._competition.pre_before_post_masks(image, winners)
            # w += a_plus w (1 - w) or w -= a_minus w (1 - w), within [edge, 1 - edge].
            part.rates[:] = (self.a_plus, self.a_plus * settings.a_ratio, settings.weight_edge)
            for winner, mask in zip(winners[:, MAP].tolist(), masks, strict=True):
                part.pre_before_post[:] = mask
                part.update_map(winner)
                self.wins[winner] += 1
            if self.network.comm.rank == 0:
                # Every core with the layer has a copy of the kernel that changes.
                n_changed = len(winners) * part.n_synapses * self._n_copies
                self.network.counts.learning_updates += n_changed
        if settings.adapt > 0.0:
            self._adapt(winners)

    def _adapt(self, winners: np.ndarray) -> None:
        """Raise the thresholds of winners and lower the others; all follow the time of the winners.

            theta -= step sum over winners of (t / T - adapt_time)     all maps
            theta += step (1 if the map has won else 0) - step n_winners / n_maps

        step = adapt a_plus(0) / a_plus. Without a winner the first sum has one term, t = T.
        """
        part, settings = self.part, self.part.settings
        step = settings.adapt * settings.a_plus / float(self.a_plus)
        theta = part.theta.astype(np.float64)
        bins = winners[:, BIN] if len(winners) else np.array([self.network.n_bins])
        # sum over winners of (t / T - adapt_time)
        late = float((bins / self.network.n_bins - settings.adapt_time).sum())
        # All maps: - step (late + n_winners / n_maps), see the docstring.
        theta -= step * (late + len(winners) / settings.maps)
        # A map wins at most once per image, so each index occurs once.
        theta[winners[:, MAP]] += step
        theta = np.clip(theta, settings.min_threshold, MAX_THRESHOLD)
        part.set_theta(theta.astype(np.float32))

    def _take_counts(self) -> None:
        """Add the counters of the mesh to the sum, which only rank 0 has. Collective."""
        taken = self.network.counts.take()
        if taken is not None:
            self.counts = taken if self.counts is None else self.counts + taken

    def finish(self) -> None:
        """End learning: from now on the layer fires with its threshold for features."""
        settings = self.part.settings
        if settings.read_threshold > 0.0:
            self.part.set_theta(np.full(settings.maps, settings.read_threshold, dtype=np.float32))

    def state(self) -> dict[str, np.ndarray]:
        """Return plain arrays from which ``restore`` continues. Only rank 0 has the counters."""
        state: dict[str, np.ndarray] = {
            "weights": self.part.weights.copy(),
            "theta": self.part.theta.copy(),
            "n_shown": np.array([self.n_shown], dtype=np.int64),
            "a_plus": np.array([self.a_plus], dtype=np.float32),
            "curve": np.array(self.curve, dtype=np.float64).reshape(-1, 2),
            "wins": self.wins.copy(),
        }
        return state if self.counts is None else {**state, **self.counts.arrays()}

    def restore(self, state: Any) -> None:
        """Continue from a state."""
        self.part.set_weights(state["weights"])
        self.part.set_theta(state["theta"])
        self.n_shown = int(state["n_shown"][0])
        self.a_plus = np.float32(state["a_plus"][0])
        self.curve = [(int(n), float(c)) for n, c in state["curve"]]
        self.wins[:] = state["wins"]
        if "links" in state:
            self.counts = Counted.from_arrays(state, self.network.plan.chip)
