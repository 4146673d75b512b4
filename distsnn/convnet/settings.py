"""Settings of a convolutional network: plain numbers, each of which a user can override.

A layer learns without labels; only the classifier sees them. Weights are between 0 and 1, thresholds
are in units of weights, images have grey values 0..255.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from distsnn.checks import (
    MAX_FLOAT32,
    MAX_INT32,
    MAX_INT64,
    choice,
    declared,
    instance,
    is_whole,
    must_be,
    whole,
)  # fmt: skip
from distsnn.convnet.checks import (
    MAX_BINS,
    MAX_KERNEL,
    MAX_NEURONS,
    MAX_PIXELS,
    MAX_THRESHOLD,
    MAX_WINNERS,
    check_name,
    made,
    mapping,
    require_known,
    seed_of,
)
from distsnn.errors import UsageError


@dataclass(frozen=True)
class InputSettings:
    """From image to spikes.

    size: "HEIGHTxWIDTH" in pixels to which images are scaled; "" keeps their size. sigmas: widths
    of the two Gaussians in pixels, "1/2", or several scales "1/2 2/4"; "" uses grey values instead
    of differences of Gaussians. off: "exact" is minus the ON response; "loud" divides the OFF
    filter by its own maximum, as several public codes do, which makes it 6 to 8 times stronger;
    "none" has ON only. threshold: of responses, in grey values. border: "zero" or "edge" around the
    image. normalise_radius: responses are divided by their mean within this many pixels; 0: they
    are not. code: "rank", "linear" or "inverse", see ``kernels/conv/input.py``. bins: T, time steps
    of an image.
    """

    size: str = ""
    sigmas: str = "1/2"
    filter_size: int = 7
    off: str = "exact"
    threshold: float = 15.0
    border: str = "zero"
    normalise_radius: int = 0
    code: str = "rank"
    bins: int = 30

    def __post_init__(self) -> None:
        limits = {
            "bins": (1, MAX_BINS), "threshold": (0.0, MAX_FLOAT32),
            "normalise_radius": (0, MAX_PIXELS), "filter_size": (1, 63),
        }  # fmt: skip
        choices = {
            "off": ("exact", "loud", "none"), "border": ("zero", "edge"),
            "code": ("rank", "linear", "inverse"),
        }  # fmt: skip
        declared(self, subject="input", limits=limits, choices=choices, error=UsageError)
        # Filters are centred on a pixel.
        if self.filter_size % 2 == 0:
            got = self.filter_size
            raise UsageError(must_be("input.filter_size", "an odd number", got, "Add one."))


@dataclass(frozen=True)
class ConvSettings:
    """A convolution layer and how it learns.

    maps: number of feature maps. kernel: side, in positions of the layer before. threshold: of all
    maps at first. read_threshold: for features; 0: the one of learning. inhibition: one spike per
    position also for features (learning always has it). winners, radius: winner-take-all of an
    image, at most ``winners`` of them, more than ``radius`` rows or columns apart. weight_mean,
    weight_sd: of the normal distribution of first weights; weight_edge: their smallest distance
    from 0 and 1. a_minus = a_ratio * a_plus; a_plus doubles every double_every images up to
    max_a_plus. adapt: step of the thresholds, 0: they stay; adapt_time: when winners should fire,
    as a fraction of the image's duration; min_threshold: bound of adaptation. Learning ends when C
    = mean of w (1 - w), computed every check_every images, is below stop_c, or after max_images.
    """

    name: str
    maps: int
    kernel: int
    padding: int = 0
    threshold: float = 15.0
    read_threshold: float = 0.0
    inhibition: bool = False
    winners: int = 5
    radius: int = 3
    weight_mean: float = 0.8
    weight_sd: float = 0.05
    weight_edge: float = 1e-4
    a_plus: float = 0.004
    a_ratio: float = 0.75
    double_every: int = 500
    max_a_plus: float = 0.15
    adapt: float = 0.0
    adapt_time: float = 0.7
    min_threshold: float = 1.0
    stop_c: float = 0.01
    check_every: int = 500
    max_images: int = 60000

    def __post_init__(self) -> None:
        check_name("layer", self.name)
        limits = {
            "maps": (1, MAX_NEURONS), "kernel": (1, MAX_KERNEL), "winners": (1, MAX_WINNERS),
            "radius": (0, MAX_PIXELS), "weight_sd": (0.0, 1e6), "weight_edge": (0.0, 0.4),
            "a_ratio": (0.0, 1e6), "stop_c": (0.0, 0.25), "double_every": (0, MAX_INT64),
            "check_every": (1, MAX_INT64), "max_images": (0, MAX_INT64),
            # Below the kernel's side: each window has at least one position of the source.
            "padding": (0, self.kernel - 1 if is_whole(self.kernel) else 0),
            **dict.fromkeys(("threshold", "read_threshold", "adapt"), (0.0, MAX_THRESHOLD)),
            **dict.fromkeys(("weight_mean", "a_plus", "max_a_plus", "adapt_time"), (0.0, 1.0)),
            "min_threshold": (0.0, MAX_THRESHOLD),
        }  # fmt: skip
        declared(self, subject=self.name, limits=limits, error=UsageError)


@dataclass(frozen=True)
class PoolSettings:
    """A pooling layer: the earliest spike in windows of size x size positions, stride apart."""

    name: str
    size: int = 2
    stride: int = 2

    def __post_init__(self) -> None:
        check_name("layer", self.name)
        limits = dict.fromkeys(("size", "stride"), (1, MAX_PIXELS))
        declared(self, subject=self.name, limits=limits, error=UsageError)


@dataclass(frozen=True)
class SvmSettings:
    """The classifier. solver: "own" or "sklearn" (LinearSVC); both find the same optimum.

    c: penalty of errors. ramp: spikes in this first fraction of the image's duration have the full
    value, later ones less. epochs: at most, passes over the samples. tolerance: largest violation
    at which fitting stops. Augmentation: shifts 1 adds the training images translated by a pixel to
    each side, mirror adds their mirror images.
    """

    c: float = 3.0
    solver: str = "own"
    ramp: float = 0.65
    epochs: int = 100
    tolerance: float = 0.05
    shifts: int = 0
    mirror: bool = False

    def __post_init__(self) -> None:
        limits = {
            "c": (1e-9, 1e9), "ramp": (0.0, 0.999), "epochs": (1, MAX_INT32),
            "tolerance": (1e-9, 1e9), "shifts": (0, 1),
        }  # fmt: skip
        choices = {"solver": ("own", "sklearn")}
        declared(self, subject="svm", limits=limits, choices=choices, error=UsageError)


LayerSettings = ConvSettings | PoolSettings


@dataclass(frozen=True)
class SdnnSettings:
    """A whole network. readouts: blocks by name, see ``readout.py``; the first is the main one."""

    title: str
    layers: tuple[LayerSettings, ...]
    readouts: dict[str, str]
    input: InputSettings = field(default_factory=InputSettings)
    svm: SvmSettings = field(default_factory=SvmSettings)
    seed: int = 1

    def __post_init__(self) -> None:
        kinds = (str, tuple, dict, InputSettings, SvmSettings)
        for entry, kind in zip(fields(self), kinds, strict=False):
            instance(f"SdnnSettings.{entry.name}", getattr(self, entry.name), kind)
        for layer in self.layers:
            instance("SdnnSettings.layers", layer, (ConvSettings, PoolSettings))
        names = [layer.name for layer in self.layers]
        if len(set(names)) != len(names):
            raise UsageError(must_be("layers", "of different names", names, "Rename them."))
        if not any(isinstance(layer, ConvSettings) for layer in self.layers):
            raise UsageError(must_be("layers", "at least one convolution", names, "Add one."))
        if not self.readouts:
            raise UsageError(must_be("readouts", "at least one", {}, "Add one."))
        for name in self.readouts:
            check_name("read-out", name)
        whole("seed", self.seed, 0, MAX_INT64, error=UsageError)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data from which ``from_dict`` makes the same settings."""
        plain = {**asdict(self), "layers": {}}
        for layer in self.layers:
            entry = asdict(layer)
            kind = "conv" if isinstance(layer, ConvSettings) else "pool"
            # A table per layer, by its name.
            plain["layers"][entry.pop("name")] = {"kind": kind, **entry}
        return plain

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any], source: str) -> SdnnSettings:
        """Read plain data; ``source`` names it in errors. Raises UsageError."""
        require_known(source, plain, [entry.name for entry in fields(cls)])
        parts = {
            name: mapping(f"{source}: {name}", plain.get(name, {}))
            for name in ("layers", "readouts", "input", "svm")
        }
        return cls(
            title=str(plain.get("title", source)),
            layers=tuple(_layer(source, *entry) for entry in parts["layers"].items()),
            readouts={name: str(text) for name, text in parts["readouts"].items()},
            input=made(InputSettings, f"{source}: input", parts["input"]),
            svm=made(SvmSettings, f"{source}: svm", parts["svm"]),
            seed=seed_of(f"{source}: seed", plain.get("seed", 1)),
        )


def _layer(source: str, name: str, plain: Any) -> LayerSettings:
    entry = dict(mapping(f"{source}: {name}", plain))
    kind, own_name = entry.pop("kind", "conv"), entry.pop("name", name)
    if own_name != name:
        limit = f"{name} as its table is named"
        raise UsageError(must_be(f"{source}: name of a layer", limit, own_name, "Leave it out."))
    choice(f"{source}: {name}.kind", kind, ("conv", "pool"))
    kind_of_settings = ConvSettings if kind == "conv" else PoolSettings
    layer: LayerSettings = made(kind_of_settings, f"{source}: {name}", {"name": name, **entry})
    return layer
