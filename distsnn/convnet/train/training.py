"""A whole training: layers, features, classifiers, in pieces that survive a stop."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from distsnn.convnet.classify import extraction, svm
from distsnn.convnet.classify.extraction import Extracted, extract
from distsnn.convnet.classify.features import Features, chosen_columns
from distsnn.convnet.engine.account import account_of, digest_of, run_report
from distsnn.convnet.engine.counts import Counted
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.engine.parts import ConvPart
from distsnn.convnet.images.image_set import ImageSet, require_classes
from distsnn.convnet.machine import Machine
from distsnn.convnet.readout import parse_readouts
from distsnn.convnet.settings import SdnnSettings
from distsnn.convnet.train.augmentation import augmented_images
from distsnn.convnet.train.evaluation import scores
from distsnn.convnet.train.learning import LayerLearner
from distsnn.convnet.train.progress import Progress
from distsnn.convnet.train.run_folder import Pieces, RunFolder, features_name


class Training:
    """Trains a network on the images of a set. Collective throughout.

    held: images for testing only, never learned from. folder: its path, or
    a ``RunFolder``; pieces of the training are kept in it, and it is locked until ``run`` ends. What an
    earlier, stopped run of the same training has left there is not computed again.
    """

    def __init__(
        self,
        settings: SdnnSettings,
        data: ImageSet,
        held: ImageSet | None,
        folder: Path | RunFolder,
        machine: Machine,
        progress: Progress,
    ) -> None:
        require_classes(data)
        self.settings, self.data, self.held, self.machine = settings, data, held, machine
        self.folder = folder if isinstance(folder, RunFolder) else RunFolder(folder)
        self.progress = progress
        machine.on_root(lambda: self.folder.claim(self._about()))
        try:
            self._build()
            # An older training is removed only when all checks have passed.
            machine.on_root(lambda: self.folder.begin(self._about()))
        except BaseException:
            self.folder.close()
            raise
        self.seconds: dict[str, float] = {}
        self.layers: dict[str, dict[str, Any]] = {}
        self.learned: Counted | None = None

    def _build(self) -> None:
        data, held, settings = self.data, self.held, self.settings
        self.n_images = len(data)
        parts = [data.images] if held is None else [data.images, held.images]
        # Order of images: training | held out | augmented.
        images = np.concatenate([*parts, augmented_images(data.images, settings.svm)])
        self.network = ConvNetwork(settings, images, self.machine)
        self.features = Features(self.network)
        height, width = images.shape[1:]
        self._pieces = Pieces(
            self.folder, settings, (height, width), len(data.classes), self.network.plan.chip
        )

    def _about(self) -> dict[str, Any]:
        return {
            "settings": self.settings.as_dict(),
            "classes": list(self.data.classes),
            "image_size": list(self.data.images.shape[1:]),
            "n_images": len(self.data),
            "images": digest_of(self.data.images, self.data.labels),
            "held_out": None if self.held is None else digest_of(self.held.images),
            "chip": self.machine.chip.name,
        }

    def run(self) -> dict[str, Any]:
        """Run the parts that are not finished; return the report on rank 0, {} elsewhere."""
        try:
            return self._run()
        finally:
            self.folder.close()

    def _run(self) -> dict[str, Any]:
        began = perf_counter()
        # Stage 1: each layer learns when those before it have finished.
        for part in self.network.convolutions:
            self._learn_layer(part)
        self.seconds["learning"] = perf_counter() - began
        # Stage 2: features of all training images.
        extracted = self._extract()
        self.seconds["features"] = perf_counter() - began - self.seconds["learning"]
        # Stage 3: one classifier per read-out.
        fitted = self._fit(extracted)
        # Stage 4: the held-out images, from which nothing was learned.
        held = self._extract_held()
        report: dict[str, Any] = {}
        if self.machine.is_root:
            self.seconds["total"] = perf_counter() - began
            report = self._report(extracted, fitted, held)
            self.folder.write_json("report.json", report)
            self.folder.drop("features")
        self.machine.world.barrier()
        return report

    def _learn_layer(self, part: ConvPart) -> None:
        """Learn one layer, or take it from the folder."""
        name = part.layer.name
        learner = LayerLearner(self.network, part, self.n_images)
        kept = self.machine.on_root(lambda: self._pieces.kept_layer(name))
        state = self.machine.world.broadcast(kept)
        whole, unfinished = f"layer-{name}.npz", f"layer-{name}.part.npz"
        if state is not None:
            learner.restore(state)
        began = perf_counter()
        report = self.progress.learning(name, part.settings)
        learner.learn(report, lambda: self._keep(unfinished, learner))
        self.seconds[f"learning {name}"] = perf_counter() - began
        if self.machine.is_root and not self.folder.has(whole):
            self.folder.save(whole, learner.state())
            self.folder.drop(unfinished)
        learner.finish()
        self.layers[name] = layer_report(learner)
        if learner.counts is not None:
            self.learned = learner.counts if self.learned is None else self.learned + learner.counts

    def _keep(self, piece: str, learner: LayerLearner) -> None:
        if self.machine.is_root and self.progress.is_time_to_keep():
            self.folder.save(piece, learner.state())

    def _extract(self) -> Extracted:
        """Return the features of all training images, those kept by an earlier run included."""
        folder, first_augmented = self.folder, self.n_images + len(self.held or ())
        ids = np.arange(len(self.network.input.images))
        ids = ids[(ids < self.n_images) | (ids >= first_augmented)]
        kept = self.machine.on_root(lambda: self._pieces.kept_features(len(ids), extraction.BLOCK))
        return extract(
            self.network, self.machine, ids, self.progress.counted("features"), (kept or {}).get,
            lambda number, piece: folder.save(features_name(number), piece),
        )  # fmt: skip

    def _extract_held(self) -> Extracted | None:
        if self.held is None:
            return None
        ids = np.arange(self.n_images, self.n_images + len(self.held))
        return extract(self.network, self.machine, ids, self.progress.counted("held out"))

    def _fit(self, extracted: Extracted) -> dict[str, svm.Classifier]:
        """Fit the classifier of each read-out on rank 0; the others wait."""
        began = perf_counter()
        fitted = self.machine.on_root(self._pieces.kept_classifiers) or {}
        if self.machine.is_root:
            # Augmented sets repeat the labels in the order of the images.
            labels = np.tile(self.data.labels, len(extracted.rows) // self.n_images)
            for name, blocks in parse_readouts(self.settings).items():
                if name in fitted:
                    continue
                rows, sizes = chosen_columns(self.features, extracted.rows, blocks)
                fitted[name] = svm.fit(
                    rows, labels, len(self.data.classes), sizes, self.settings.svm,
                    self.settings.seed, self.progress.fitting(name, self.settings.svm),
                )  # fmt: skip
                self.folder.save(f"svm-{name}.npz", fitted[name].arrays())
        self.machine.world.barrier()
        self.seconds["classifiers"] = perf_counter() - began
        return fitted

    def _report(
        self, extracted: Extracted, fitted: dict[str, svm.Classifier], held: Extracted | None
    ) -> dict[str, Any]:
        """Return the report of the training. Rank 0 only."""
        network, n, of = self.network, self.n_images, (self.settings, fitted, self.features)
        training = scores(*of, extracted.rows[:n], self.data)
        readouts: dict[str, dict[str, Any]] = {
            name: {
                "blocks": [str(block) for block in blocks],
                "training": training[name]["accuracy"],
                "epochs": fitted[name].n_epochs, "support": fitted[name].n_support,
            }
            for name, blocks in parse_readouts(self.settings).items()
        }  # fmt: skip
        if held is not None and self.held is not None:
            for name, result in scores(*of, held.rows, self.held).items():
                readouts[name]["held_out"] = result
        weights = [array for p in network.convolutions for array in (p.weights, p.theta)]
        report = {
            **run_report(network, self.machine, extracted.per_image),
            "source": self.data.source, "n_train": n, "classes": list(self.data.classes),
            "seed": self.settings.seed, "seconds": self.seconds, "layers": self.layers,
            "readouts": readouts,
            "digest": digest_of(*weights, extracted.rows, extracted.per_image),
        }  # fmt: skip
        if extracted.counts is not None:
            report["features"] = account_of(extracted.counts, network, len(extracted.rows))
        if self.learned is not None:
            n_shown = sum(entry["images_shown"] for entry in self.layers.values())
            report["learning"] = account_of(self.learned, network, n_shown)
        return report


def layer_report(learner: LayerLearner) -> dict[str, Any]:
    """Return how a layer has learned."""
    part = learner.part
    return {
        "images_shown": learner.n_shown,
        "convergence": learner.curve[-1][1] if learner.curve else learner.convergence(),
        "curve": [[n, c] for n, c in learner.curve],
        "wins": learner.wins.tolist(),
        "maps_without_a_win": int((learner.wins == 0).sum()),
        "share_of_high_weights": float((part.weights > 0.5).mean()),
        "threshold": [float(part.theta.min()), float(part.theta.max())],
    }
