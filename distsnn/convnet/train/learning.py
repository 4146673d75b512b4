"""Learns the layers of a network, one after the other, without labels.

A layer begins to learn when the ones before it have finished. Images are shown in a random order of
the seed; each image's winners change their kernels at once. Source: Kheradpisheh et al. 2018; the
growing rates as in the public implementations; thresholds adapted as in Falez et al. 2019
(arXiv 1904.01908).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from distsnn.convnet.checks import MAX_THRESHOLD
from distsnn.convnet.engine.counts import Sums
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.engine.parts import ConvPart
from distsnn.convnet.train.competition import Competition, maps_of
from distsnn.kernels.conv.learn import BIN
from distsnn.kernels.numbers import stream_key


class LayerLearner:
    """Learns one layer; all that it will need to go on is in ``state()``.

    curve: (images shown, C). wins: int64 [maps]. All ranks of the network hold the same.
    """

    def __init__(self, network: ConvNetwork, part: ConvPart, n_images: int) -> None:
        self.network, self.part, self.n_images = network, part, n_images
        self.number = network.convolutions.index(part)
        settings = part.settings
        place = network.plan.layers[part.layer.name]
        self._competition = Competition(part, place, network.plan.rank_of_core, network.comm)
        self._n_copies = place.patches.n_patches
        self.n_shown = 0
        self.a_plus = np.float32(settings.a_plus)
        self.curve: list[tuple[int, float]] = []
        self.wins = np.zeros(settings.maps, dtype=np.int64)
        self.counts: Sums | None = None
        rng = self._random("first weights")
        first = rng.normal(settings.weight_mean, settings.weight_sd, part.weights.shape)
        edge = max(settings.weight_edge, 0.01)
        part.set_weights(np.clip(first, edge, 1.0 - edge).astype(np.float32))
        part.set_theta(np.full(settings.maps, settings.threshold, dtype=np.float32))

    def _random(self, purpose: str, *ids: int) -> np.random.Generator:
        key = stream_key(self.network.settings.seed, f"sdnn {purpose}", self.number, *ids)
        return np.random.Generator(np.random.Philox(key=key))

    @property
    def is_done(self) -> bool:
        """Whether the layer has converged, or has seen as many images as it may."""
        settings = self.part.settings
        has_converged = bool(self.curve) and self.curve[-1][1] < settings.stop_c
        return has_converged or self.n_shown >= settings.max_images

    def learn(
        self,
        say: Callable[[int, float], None] = lambda n, c: None,
        keep: Callable[[], None] = lambda: None,
    ) -> None:
        """Learn until the layer is done. Collective.

        say(images shown, C) and keep() are called whenever C has been computed.
        """
        settings = self.part.settings
        order, epoch = np.empty(0, dtype=np.int64), -1
        while not self.is_done:
            if self.n_shown // self.n_images != epoch:
                epoch = self.n_shown // self.n_images
                order = self._random("order of images", epoch).permutation(self.n_images)
            at = self.n_shown % self.n_images
            most = settings.check_every - self.n_shown % settings.check_every
            most = min(most, self.network.batch, settings.max_images - self.n_shown)
            self._learn_batch(order[at : at + most])
            if self.n_shown % settings.check_every == 0 or self.is_done:
                self.curve.append((self.n_shown, self.convergence()))
                self._take_counts()
                say(self.n_shown, self.curve[-1][1])
                keep()

    def convergence(self) -> float:
        """Return C, the mean of w (1 - w) over all weights: 0 when all are 0 or 1."""
        w = self.part.weights.astype(np.float64)
        return float((w * (1.0 - w)).mean())

    def _learn_batch(self, ids: np.ndarray) -> None:
        network, part, settings = self.network, self.part, self.part.settings
        network.present(ids, up_to=part.layer.name)
        network.counts.finish_batch()
        for k in range(len(ids)):
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
            early = self._competition.pre_before_post_masks(image, winners)
            part.rates[:] = (self.a_plus, self.a_plus * settings.a_ratio, settings.weight_edge)
            for winner, mask in zip(maps_of(winners).tolist(), early, strict=True):
                part.pre_before_post[:] = mask
                part.update_map(winner)
                self.wins[winner] += 1
            if self.network.comm.rank == 0:
                n_changed = len(winners) * part.n_synapses * self._n_copies
                self.network.counts.add_learning_updates(n_changed)
        if settings.adapt > 0.0:
            self._adapt(winners)

    def _adapt(self, winners: np.ndarray) -> None:
        """Winners' thresholds rise, the others' fall; all follow the time of the winners.

        The step shrinks as the rates of the weights grow. No winner counts as one at the end.
        """
        part, settings = self.part, self.part.settings
        step = settings.adapt * settings.a_plus / float(self.a_plus)
        theta = part.theta.astype(np.float64)
        bins = winners[:, BIN] if len(winners) else np.array([self.network.n_bins])
        late = float((bins / self.network.n_bins - settings.adapt_time).sum())
        theta -= step * (late + len(winners) / settings.maps)
        theta[maps_of(winners)] += step
        theta = np.clip(theta, settings.min_threshold, MAX_THRESHOLD)
        part.set_theta(theta.astype(np.float32))

    def _take_counts(self) -> None:
        """Add up what the mesh has carried. Collective; only rank 0 has the sum."""
        taken = self.network.counts.take().over_ranks(self.network.comm)
        self.counts = taken if self.counts is None else self.counts + taken

    def finish(self) -> None:
        """From now on the layer makes features."""
        settings = self.part.settings
        if settings.read_threshold > 0.0:
            self.part.set_theta(np.full(settings.maps, settings.read_threshold, dtype=np.float32))

    def state(self) -> dict[str, np.ndarray]:
        """Return plain arrays from which ``restore`` goes on. Rank 0 has the counters."""
        found: dict[str, np.ndarray] = {
            "weights": self.part.weights.copy(),
            "theta": self.part.theta.copy(),
            "n_shown": np.array([self.n_shown], dtype=np.int64),
            "a_plus": np.array([self.a_plus], dtype=np.float32),
            "curve": np.array(self.curve, dtype=np.float64).reshape(-1, 2),
            "wins": self.wins.copy(),
        }
        return found if self.counts is None else {**found, **self.counts.arrays()}

    def restore(self, state: Any) -> None:
        """Go on from a state."""
        self.part.set_weights(state["weights"])
        self.part.set_theta(state["theta"])
        self.n_shown = int(state["n_shown"][0])
        self.a_plus = np.float32(state["a_plus"][0])
        self.curve = [(int(n), float(c)) for n, c in state["curve"]]
        self.wins[:] = state["wins"]
        if "links" in state:
            self.counts = Sums.from_arrays(state)
