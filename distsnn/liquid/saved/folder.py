"""A trained liquid on disk: ``run.json`` says how to build it, ``readouts.npz`` what it learned.

``run.json`` has the SHA-256 of all that both files say. A folder in which anything was changed, or
files of several runs lie together, is refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from distsnn.checks import MAX_FLOAT64, number, regular_file
from distsnn.errors import DistsnnError, InputFileError
from distsnn.liquid.classify.readout import Readout
from distsnn.liquid.classify.training import Training
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.inputs.stimulus import EventEncoder, SoundEncoder
from distsnn.liquid.parameters import Preset, ReadoutTimes
from distsnn.liquid.saved.arrays import Form, digest_of, read_arrays
from distsnn.liquid.saved.schema import (
    PARTS,
    READOUTS,
    RUN,
    VERSION,
    checked,
    encoder_of,
    keys_of,
    part_of,
    preset_of,
    report_of,
)
from distsnn.outputs import (
    LSM,
    OutputFolder,
    finish_interrupted,
    json_bytes,
    npz_bytes,
    write_file,
)

MAX_TEXT_BYTES = 1 << 26  # of run.json
MAX_PLAYED = 1 << 24  # recordings whose digests are kept
TRAINED = ("trained.stimuli", "trained.spikes")


@dataclass(frozen=True)
class SavedReadout:
    """A read-out, when it reads, and its regularisation (of each copy, where there were some)."""

    readout: Readout
    times: ReadoutTimes
    alpha: float


@dataclass(frozen=True)
class SavedRun:
    """What ``lsm train`` leaves. about: the report of the training, as it is in the file.

    trained_on: uint64 [2, recordings], digests of the stimuli that it was trained on, and of the
    spikes that the liquid answered with.
    """

    kind: str
    classes: tuple[str, ...]
    encoder: SoundEncoder | EventEncoder
    preset: Preset
    seed: int
    chip: str
    neurons_per_core: int
    readouts: dict[str, SavedReadout]
    about: dict[str, Any]
    trained_on: np.ndarray

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
        kind, training.classes, encoder, preset, seed, chip, neurons_per_core, readouts, report,
        training.trained_on,
    )  # fmt: skip


def arrays_of(run: SavedRun) -> dict[str, np.ndarray]:
    """Return what readouts.npz holds."""
    arrays = dict(zip(TRAINED, run.trained_on, strict=True))
    for name, saved in run.readouts.items():
        arrays[f"{name}.weights"] = saved.readout.weights
        arrays[f"{name}.bias"] = saved.readout.bias
    return arrays


def description_of(run: SavedRun, arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return what run.json holds; ``digest`` is that of all the rest and of the arrays."""
    text: dict[str, Any] = {
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
    return {**text, "digest": digest_of(text, arrays)}


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
    arrays = arrays_of(run)
    write_file(place("readouts.npz"), npz_bytes(arrays))
    write_file(place("run.json"), json_bytes(description_of(run, arrays)))


def load_run(folder: Path) -> SavedRun:
    """Return a run; raises InputFileError, in one line, where there is none, or not as it was left."""
    finish_interrupted(folder)
    path = folder / "run.json"
    try:
        regular_file(f"{path}", str(path), MAX_TEXT_BYTES)
        text = json.loads(path.read_bytes(), parse_constant=_refuse_constant)
        return _run_of(text, folder)
    except OSError as error:
        raise InputFileError(
            f"{folder}: must be a folder that train wrote, got one without a trained liquid "
            f"({error.strerror or error}). Train one: distsnn lsm train DATA --out RUN."
        ) from error
    except DistsnnError as error:
        raise InputFileError(f"run {folder}: {error}") from error
    except Exception as error:  # decoders of damaged files raise nearly everything
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise InputFileError(
            f"{folder}: must be a whole run of a liquid, got a damaged one ({reason}). Train it again."
        ) from error


def _refuse_constant(name: str) -> float:
    raise ValueError(f"run.json has the number {name}")


def _run_of(text: Any, folder: Path) -> SavedRun:
    found = keys_of("run.json", text, {*RUN, *PARTS})
    if found["version"] != VERSION:
        raise InputFileError(
            f"run.json: must be of version {VERSION}, got another. Train it again with this version."
        )
    values = checked("run.json", {name: found[name] for name in RUN}, RUN)
    encoder = encoder_of("run.json: encoder", found["encoder"], values["kind"])
    preset = preset_of("run.json: preset", found["preset"])
    about = report_of("run.json: training", found["training"], values["classes"])
    times = _times_of("run.json: readouts", found["readouts"], preset)
    n_classes = len(values["classes"])
    forms: dict[str, Form] = dict.fromkeys(TRAINED, ("<u8", (-1,)))
    for name, (one, _) in times.items():
        n = encoder.n_lines if name == "without_liquid" else preset.column.n_neurons
        forms[f"{name}.weights"] = ("<f4", (one.n * n, n_classes))
        forms[f"{name}.bias"] = ("<f8", (n_classes,))
    arrays = read_arrays(folder / "readouts.npz", forms, MAX_PLAYED)
    digest = digest_of(found, arrays)
    if digest != values["digest"]:
        raise InputFileError(
            f"run.json: must have the digest of the folder, {digest}, got {values['digest'][:64]}. "
            "Files were changed, or are of several runs: train it again."
        )
    readouts = {
        name: SavedReadout(Readout(arrays[f"{name}.weights"], arrays[f"{name}.bias"]), one, alpha)
        for name, (one, alpha) in times.items()
    }
    return SavedRun(
        values["kind"], values["classes"], encoder, preset, values["seed"], values["chip"],
        values["neurons_per_core"], readouts, about, np.stack([arrays[name] for name in TRAINED]),
    )  # fmt: skip


def _times_of(thing: str, value: Any, preset: Preset) -> dict[str, tuple[ReadoutTimes, float]]:
    """Return when each read-out reads, and its regularisation."""
    if not isinstance(value, dict) or "liquid" not in value or not value.keys() <= set(READOUTS):
        raise InputFileError(f"{thing}: must be of {', '.join(READOUTS)}, got others. Train it again.")
    found = {}
    for name, saved in value.items():
        saved = keys_of(f"{thing}: {name}", saved, {"times", "alpha"})
        times = part_of(f"{thing}: {name}: times", saved["times"], ReadoutTimes)
        alpha = number(
            f"{thing}: {name}: alpha", saved["alpha"], high=MAX_FLOAT64, above=0.0,
            error=InputFileError,
        )  # fmt: skip
        if name != "without_liquid" and times != preset.times:
            raise InputFileError(
                f"{thing}: {name}: times must be those of the preset, got others. Train it again."
            )
        found[name] = (times, alpha)
    return found
