"""A trained liquid on disk: ``run.json`` says how to build it, ``readouts.npz`` what it learned."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from distsnn.errors import InputFileError
from distsnn.liquid.filter_bank import FilterBank
from distsnn.liquid.parameters import Column, InputWiring, Preset, ReadoutTimes
from distsnn.liquid.readout import Readout
from distsnn.liquid.samples import Samples
from distsnn.liquid.stimulus import EventEncoder, SoundEncoder
from distsnn.liquid.training import Training
from distsnn.outputs import (
    LSM,
    OutputFolder,
    finish_interrupted,
    json_bytes,
    npz_bytes,
    write_file,
)

VERSION = 1
READOUTS = ("liquid", "without_recurrence", "without_liquid")


@dataclass(frozen=True)
class SavedReadout:
    """A read-out, when it reads, and its regularisation (of each copy, where there were some)."""

    readout: Readout
    times: ReadoutTimes
    alpha: float


@dataclass(frozen=True)
class SavedRun:
    """What ``lsm train`` leaves. about: the report of the training, as it is in the file."""

    kind: str
    classes: tuple[str, ...]
    encoder: SoundEncoder | EventEncoder
    preset: Preset
    seed: int
    chip: str
    neurons_per_core: int
    readouts: dict[str, SavedReadout]
    about: dict[str, Any]

    def require_kind(self, samples: Samples) -> None:
        """Raise InputFileError where recordings are not of the kind that the run was trained on."""
        if samples.kind != self.kind:
            raise InputFileError(
                f"{samples.items[0].path.parent}: holds {samples.kind}, limit {self.kind}, which the "
                "run was trained on. Give recordings of that kind."
            )


def run_of(
    training: Training,
    report: dict[str, Any],
    kind: str,
    encoder: SoundEncoder | EventEncoder,
    preset: Preset,
    seed: int,
    chip: str,
    neurons_per_core: int,
) -> SavedRun:
    """Return what is to be saved of a training."""
    found = {"liquid": training.liquid, "without_liquid": training.without_liquid}
    if training.without_recurrence is not None:
        found["without_recurrence"] = training.without_recurrence
    readouts = {
        name: SavedReadout(one.readout, one.times, one.alpha) for name, one in found.items()
    }
    return SavedRun(
        kind, training.classes, encoder, preset, seed, chip, neurons_per_core, readouts, report
    )


def save_run(folder: Path, run: SavedRun) -> None:
    """Write a run into a folder, which is made, in place of an older one; raises OutputFileError."""
    place = OutputFolder(folder, LSM)
    try:
        fill_run_folder(run, place.place)
        place.commit()
    finally:
        place.close()


def fill_run_folder(run: SavedRun, place: Callable[[str], Path]) -> None:
    """Write readouts.npz and run.json; raises OutputFileError.

    place: gives the path to write to for a file's name.
    """
    arrays = {}
    for name, saved in run.readouts.items():
        arrays[f"{name}.weights"], arrays[f"{name}.bias"] = (
            saved.readout.weights,
            saved.readout.bias,
        )
    text = {
        "version": VERSION,
        "kind": run.kind,
        "classes": list(run.classes),
        "encoder": asdict(run.encoder),
        "preset": asdict(run.preset),
        "seed": run.seed,
        "chip": run.chip,
        "neurons_per_core": run.neurons_per_core,
        "readouts": {
            name: {"times": asdict(saved.times), "alpha": saved.alpha}
            for name, saved in run.readouts.items()
        },
        "training": run.about,
    }
    write_file(place("readouts.npz"), npz_bytes(arrays))
    write_file(place("run.json"), json_bytes(text))


def load_run(folder: Path) -> SavedRun:
    """Return a run; raises InputFileError, in one line, where there is none."""
    finish_interrupted(folder)
    path = folder / "run.json"
    try:
        text = json.loads(path.read_text())
        with np.load(folder / "readouts.npz") as file:
            arrays = {name: file[name] for name in file.files}
        return _run_of(text, arrays)
    except OSError as error:
        raise InputFileError(
            f"{folder}: holds no trained liquid ({path.name}: {error.strerror or error}), limit a "
            "folder that train wrote. Train one: distsnn lsm train DATA --out RUN."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, BadZipFile) as error:
        raise InputFileError(
            f"{folder}: is damaged ({error}), limit a whole run of a liquid. Train it again."
        ) from error


def _run_of(text: dict[str, Any], arrays: dict[str, np.ndarray]) -> SavedRun:
    if text["version"] != VERSION:
        raise ValueError(f"version {text['version']}, limit {VERSION}")
    encoder: SoundEncoder | EventEncoder
    if text["kind"] == "sounds":
        given = dict(text["encoder"])
        given["bank"] = FilterBank(**given["bank"])
        given["delays_ms"] = tuple(given["delays_ms"])
        encoder = SoundEncoder(**given)
    else:
        encoder = EventEncoder(**text["encoder"])
    readouts = {
        name: SavedReadout(
            Readout(arrays[f"{name}.weights"], arrays[f"{name}.bias"]),
            ReadoutTimes(**saved["times"]),
            float(saved["alpha"]),
        )
        for name, saved in text["readouts"].items()
    }
    return SavedRun(
        text["kind"], tuple(text["classes"]), encoder, preset_of(text["preset"]),
        int(text["seed"]), text["chip"], int(text["neurons_per_core"]), readouts, text["training"],
    )  # fmt: skip


def preset_of(text: dict[str, Any]) -> Preset:
    """Return a preset from its numbers by name."""
    column = dict(text["column"])
    column["grid"] = tuple(column["grid"])
    rest = {
        name: value for name, value in text.items() if name not in ("column", "wiring", "times")
    }
    return Preset(
        Column(**column), InputWiring(**text["wiring"]), ReadoutTimes(**text["times"]), **rest
    )
