"""``distsnn lsm train``: play recordings, train and compare read-outs, write the run."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from distsnn.cli.checks import on_first_rank, require_unused
from distsnn.cli.lsm_options import (
    chosen_liquid,
    chosen_preset,
    chosen_samples,
    progress_of,
    require_fabric_and_replicas,
    settings_for,
)
from distsnn.cli.lsm_outputs import draw_run, print_pictures, write_json

if TYPE_CHECKING:
    from distsnn.comm import Comm
    from distsnn.liquid.classify.training import Training
    from distsnn.liquid.inputs.encoders import InputSpikes
    from distsnn.liquid.inputs.samples import Sample
    from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder
    from distsnn.liquid.liquid import Liquid
    from distsnn.liquid.parameters import Preset
    from distsnn.liquid.saved.folder import SavedRun
    from distsnn.outputs import Delivery


@dataclass(frozen=True)
class Example:
    """The recording that is drawn, and its stimulus."""

    item: Sample
    stimulus: InputSpikes


def train(options: argparse.Namespace, comm: Comm) -> None:
    """Train a read-out on recordings and write the run. Collective."""
    from distsnn.outputs import LSM, Inputs, delivered

    inputs = Inputs([options.chip], [options.data])
    with delivered(comm, [options.json], folder=options.out, kind=LSM, inputs=inputs) as delivery:
        _train_into(options, comm, delivery)


def _train_into(options: argparse.Namespace, comm: Comm, delivery: Delivery) -> None:
    from distsnn.liquid.classify.training import train as train_readouts
    from distsnn.liquid.inputs.encoding import encode_with_copies
    from distsnn.liquid.inputs.stimulus import encoder_for

    require_fabric_and_replicas(options.fabric, options.replicas, comm)
    samples = chosen_samples(options, 2)
    if samples.kind == "events":
        require_unused(options, {"bands": None}, "with sounds")
    preset = chosen_preset(options, samples.kind)
    encoder = encoder_for(samples, preset, options.seed, options.bands, comm)
    liquid = chosen_liquid(options, preset, encoder.n_channels, encoder.image)
    shown = progress_of(options, comm)
    stimuli = encode_with_copies(
        encoder, preset, [item.path for item in samples.items], comm, shown
    )
    settings = settings_for(options.chip or "loihi", options.neurons_per_core, options.fabric)
    training = train_readouts(
        samples, stimuli, liquid, preset, settings, comm, replicas=options.replicas,
        kind=options.readout, compare=not options.no_compare, progress=shown,
    )  # fmt: skip
    middle = len(samples) // 2
    example = Example(samples.items[middle], stimuli[middle])

    def finish() -> None:
        _keep(options, training, preset, encoder, liquid, example, delivery)

    on_first_rank(comm, finish)


def _keep(
    options: argparse.Namespace,
    training: Training | None,
    preset: Preset,
    encoder: SoundEncoder | EventEncoder,
    liquid: Liquid,
    example: Example,
    delivery: Delivery,
) -> None:
    from distsnn.liquid.saved.folder import run_of, write_run_files
    from distsnn.liquid.text import print_training, training_report

    if training is None:
        return
    report = training_report(training, preset.dt_ms)
    kind = "sounds" if encoder.image is None else "events"
    saved = run_of(
        training, report, kind, encoder, preset, options.seed, options.chip or "loihi",
        liquid.neurons_per_core,
    )  # fmt: skip
    folder: Path = options.out
    write_run_files(saved, lambda name: delivery.place(folder / name))
    write_json(report, options.json, delivery)
    if not options.quiet:
        print_training(report, training.classes)
    pictures: list[Path] = []
    if not options.no_pictures:
        pictures += draw_run(saved, folder, delivery)
        pictures.append(_draw_example(saved, example, folder, delivery))
    delivery.commit()
    print_pictures(pictures, options.quiet)
    if not options.quiet:
        print(f"run: {folder}")


def _draw_example(saved: SavedRun, example: Example, folder: Path, delivery: Delivery) -> Path:
    from distsnn.comm import SerialComm
    from distsnn.liquid.classify.evaluation import liquid_of
    from distsnn.liquid.one_recording import draw_one

    title = f"{example.item.path.name}: class {example.item.label}"
    settings = settings_for(saved.chip, saved.neurons_per_core)
    path = folder / "recording.png"
    draw_one(
        liquid_of(saved), saved.preset, example.stimulus, settings, SerialComm(), title,
        delivery.place(path),
    )  # fmt: skip
    return path
