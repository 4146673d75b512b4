"""Encoders: from a recording to spikes on the input channels of a liquid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from distsnn.comm import Comm, SerialComm
from distsnn.errors import InputFileError, UsageError
from distsnn.events import POLARITIES, read_events
from distsnn.liquid.inputs.encoders import InputSpikes, integrate, phases_of, with_delays
from distsnn.liquid.inputs.filter_bank import FilterBank
from distsnn.liquid.inputs.samples import Samples
from distsnn.liquid.inputs.sound import read_wav
from distsnn.liquid.limits import (
    MAX_DT_MS,
    MAX_MS,
    MAX_PIXELS,
    MIN_DT_MS,
    AnInstance,
    Check,
    one_of,
    real,
    require_fields,
    several,
    whole,
)
from distsnn.liquid.parameters import Preset
from distsnn.liquid.wiring import Image
from distsnn.time_grid import given_steps, nearest_steps

MAX_COARSE_PIXELS = 17  # of the coarse image, along its longer side
SOUND_LIMITS: dict[str, Check] = {
    "bank": AnInstance(FilterBank),
    "gain": real(0.0, 1.0),
    "delays_ms": several(real(0.0, 10_000.0), 1, 64),
    "dt_ms": real(MIN_DT_MS, MAX_DT_MS),
    "seed": whole(0, 2**64 - 1),
}
EVENT_LIMITS: dict[str, Check] = {
    **dict.fromkeys(("width", "height", "space"), whole(1, MAX_PIXELS)),
    "polarity": one_of(*POLARITIES),
    "max_ms": real(high=MAX_MS, above=0.0),
    "dt_ms": real(MIN_DT_MS, MAX_DT_MS),
    "shift": several(whole(-MAX_PIXELS, MAX_PIXELS), 2, 2),
}


class Encoder(Protocol):
    """Encodes recordings as spikes on ``n_channels`` input channels."""

    @property
    def n_channels(self) -> int:
        """Number of input channels."""

    @property
    def image(self) -> Image | None:
        """The image whose pixels the channels are, or None."""

    def encode(self, path: Path) -> InputSpikes:
        """Return the spikes of a recording. Raises InputFileError."""


@dataclass(frozen=True)
class SoundEncoder:
    """Filter bank -> one integrator per band -> delay lines.

    gain: spikes per step at level 1. delays_ms: each band has one channel per delay.
    """

    bank: FilterBank = field(default_factory=FilterBank)
    gain: float = 0.2
    delays_ms: tuple[float, ...] = (0.0, 15.0, 30.0, 45.0, 60.0)
    dt_ms: float = 1.0
    seed: int = 1

    def __post_init__(self) -> None:
        require_fields("encoder of sounds", self, SOUND_LIMITS)

    @property
    def n_channels(self) -> int:
        """Bands times delays."""
        return self.bank.n_bands * len(self.delays_ms)

    @property
    def image(self) -> Image | None:
        """None: the channels of a sound are no image."""
        return None

    def encode(self, path: Path) -> InputSpikes:
        """Return the spikes of a wav file, as long as the sound itself."""
        levels = self.bank.levels(read_wav(path))
        steps_per_frame = given_steps(
            "sounds: time between frames", self.bank.hop_ms, self.dt_ms, 1, error=UsageError
        )
        if steps_per_frame > 1:
            levels = np.repeat(levels, steps_per_frame, axis=0)
        # Each frame lasts several steps: the same number of spikes per frame.
        gain = self.gain / steps_per_frame
        spikes = integrate(levels, gain, phases_of(self.bank.n_bands, self.seed))
        # Channel d * n_bands + b: band b, delay d.
        delays = tuple(nearest_steps(self.delays_ms, self.dt_ms).tolist())
        if delays == (0,):
            return spikes
        delayed = with_delays(spikes, self.bank.n_bands, delays)
        return InputSpikes(delayed.step, delayed.channel, spikes.n_steps)


@dataclass(frozen=True)
class EventEncoder:
    """The events of a camera, one spike each, on coarser pixels, up to ``max_ms``.

    width, height: of the camera; space: camera pixels along a side of a coarse one. shift: camera
    pixels (right, down) by which the image is moved; events that leave it are dropped.
    """

    width: int = 34
    height: int = 34
    space: int = 2
    polarity: str = "both"
    max_ms: float = 316.0
    dt_ms: float = 1.0
    shift: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        require_fields("encoder of events", self, EVENT_LIMITS)

    @property
    def n_channels(self) -> int:
        """Coarse pixels, times two if both polarities have channels."""
        image = self.image
        return image.width * image.height * image.n_polarities

    @property
    def image(self) -> Image:
        """The coarse image."""
        n_polarities = 2 if self.polarity == "both" else 1
        return Image(-(-self.width // self.space), -(-self.height // self.space), n_polarities)

    def encode(self, path: Path) -> InputSpikes:
        """Return the spikes of a recording, ``max_ms`` long. Raises InputFileError."""
        events = read_events(path)
        if events.width > self.width or events.height > self.height:
            limit = f"of at most {self.width} x {self.height} pixels, as the encoder's camera"
            got = f"{events.width} x {events.height}"
            raise InputFileError(
                f"{path}: must be {limit}, got {got}. Train with recordings of that size."
            )
        events = events.of_polarity(self.polarity)
        image = self.image
        right, down = self.shift
        x, y = events.x.astype(np.int64) + right, events.y.astype(np.int64) + down
        seen = (x >= 0) & (x < self.width) & (y >= 0) & (y < self.height)
        # Channel: polarity (ON behind OFF), then row, then column of the coarse pixel.
        channel = y // self.space * image.width + x // self.space
        if image.n_polarities == 2:
            channel = channel + events.on * (image.width * image.height)
        n_steps = given_steps("events: max_ms", self.max_ms, self.dt_ms, 1, error=UsageError)
        step = events.steps(self.dt_ms)
        inside = (step < n_steps) & seen
        return InputSpikes.of(step[inside], channel[inside], n_steps)


def with_moved(
    encoder: SoundEncoder | EventEncoder, pixels: float
) -> list[SoundEncoder | EventEncoder]:
    """Return the encoder and, for images, four that move them by ``pixels`` coarse pixels.

    The shift is rounded to camera pixels; if it rounds to 0, there are no moved ones.
    """
    if isinstance(encoder, SoundEncoder) or not round(pixels * encoder.space):
        return [encoder]
    # In camera pixels: right, left, down, up.
    shift = round(pixels * encoder.space)
    sides = ((shift, 0), (-shift, 0), (0, shift), (0, -shift))
    return [encoder, *(replace(encoder, shift=side) for side in sides)]


def encoder_for(
    samples: Samples,
    preset: Preset,
    seed: int,
    n_bands: int | None = None,
    comm: Comm | None = None,
) -> SoundEncoder | EventEncoder:
    """Return the encoder of a kind of recordings; the image is as large as the largest of them.

    comm: each of its ranks reads a share of the recordings; collective if it is given. Raises
    InputFileError.
    """
    if samples.kind == "sounds":
        bank = FilterBank() if n_bands is None else FilterBank(n_bands)
        return SoundEncoder(bank, dt_ms=preset.dt_ms, seed=seed)
    width, height = largest_image([item.path for item in samples.items], comm or SerialComm())
    # Camera pixels per coarse pixel: about MAX_COARSE_PIXELS along the longer side.
    space = max(2, round(max(width, height) / MAX_COARSE_PIXELS))
    return EventEncoder(width, height, space, max_ms=preset.max_ms, dt_ms=preset.dt_ms)


def largest_image(paths: Sequence[Path], comm: Comm) -> tuple[int, int]:
    """Return the largest width and height, in pixels, of recordings of events. Collective."""
    sizes: list[tuple[int, int]] = [(1, 1)]
    error: Exception | None = None
    try:
        for path in paths[comm.rank :: comm.n_ranks]:
            events = read_events(path)
            sizes.append((events.width, events.height))
    except InputFileError as caught:
        error = caught
    comm.agree(error)
    width, height = np.max(sizes, axis=0)
    return comm.max(int(width)), comm.max(int(height))
