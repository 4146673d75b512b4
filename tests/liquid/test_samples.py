"""Folders of recordings, and every wrong input gets one clear line."""

from __future__ import annotations

import os
import struct
import wave

import numpy as np
import pytest

from distsnn.errors import InputFileError
from distsnn.liquid.inputs.samples import SHIPPED, find_samples
from distsnn.liquid.inputs.sound import read_wav
from distsnn.liquid.inputs.stimulus import SoundEncoder


def write_wav(path, n=4000, width=2, channels=1, rate=8000):
    random = np.random.default_rng(abs(hash(path.name)) % 1000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        samples = random.integers(-3000, 3000, n * channels)
        if width == 1:
            data = (samples // 256 + 128).astype(np.uint8).tobytes()
        elif width == 2:
            data = samples.astype("<i2").tobytes()
        else:
            data = b"".join(int(s).to_bytes(3, "little", signed=True) for s in samples)
        file.writeframes(data)
    return path


def message_of(call):
    with pytest.raises(InputFileError) as error:
        call()
    text = str(error.value)
    assert "\n" not in text
    assert "limit" in text or "must be" in text
    return text


def test_the_shipped_digits():
    samples = find_samples(SHIPPED)
    assert len(samples) == 120
    assert samples.classes == [str(k) for k in range(10)]
    assert len(samples.speakers) == 3
    assert (SHIPPED / "LICENSE.txt").read_text().count("CC BY-SA 4.0") == 1
    spikes = SoundEncoder().encode(samples.items[0].path)
    assert 100 < spikes.n_steps < 1000
    assert spikes.channel.max() < 160


@pytest.mark.parametrize(
    ("options", "word"),
    [({"channels": 2}, "1 channel"), ({"rate": 4000}, "samples per second"), ({"n": 0}, "sample")],
)  # fmt: skip
def test_sound_of_another_kind(tmp_path, options, word):
    path = write_wav(tmp_path / "0_a_1.wav", **options)
    assert word in message_of(lambda: read_wav(path))


def wav_bytes(samples, kind, bits, *, is_extensible=False, rate=8000):
    """A wav file made by hand. kind: 1 for whole numbers, 3 for floats."""
    block = bits // 8
    if is_extensible:
        guid = struct.pack("<H", kind) + bytes.fromhex("000000001000800000aa00389b71")
        fmt = struct.pack("<HHIIHH", 0xFFFE, 1, rate, rate * block, block, bits)
        fmt += struct.pack("<HHI", 22, bits, 4) + guid
    else:
        fmt = struct.pack("<HHIIHH", kind, 1, rate, rate * block, block, bits)
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt
    chunks += b"bext" + struct.pack("<I", 6) + b"a note"  # chunks of other kinds are passed over
    chunks += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


LEVELS = np.array([0.0, 0.5, -0.25, -1.0, 0.75, 0.125])
KINDS = {
    "u8": (1, 8, (LEVELS * 128 + 128).astype("u1").tobytes()),
    "i16": (1, 16, (LEVELS * 2**15).astype("<i2").tobytes()),
    "i24": (1, 24, b"".join(int(x * 2**23).to_bytes(3, "little", signed=True) for x in LEVELS)),
    "i32": (1, 32, (LEVELS * 2**31).astype("<i4").tobytes()),
    "f32": (3, 32, LEVELS.astype("<f4").tobytes()),
    "f64": (3, 64, LEVELS.astype("<f8").tobytes()),
}


@pytest.mark.parametrize("is_extensible", [False, True])
@pytest.mark.parametrize("name", KINDS)
def test_samples_of_every_kind_mean_the_same(tmp_path, name, is_extensible):
    kind, bits, samples = KINDS[name]
    path = tmp_path / "0_a_1.wav"
    path.write_bytes(wav_bytes(samples, kind, bits, is_extensible=is_extensible))
    sound = read_wav(path)
    assert sound.samples.dtype == np.float32
    assert sound.samples.tolist() == LEVELS.tolist()
    assert sound.rate_hz == 8000


@pytest.mark.parametrize("wrong", [np.nan, np.inf, 1e30])
def test_floats_that_are_no_sound(tmp_path, wrong):
    path = tmp_path / "0_a_1.wav"
    path.write_bytes(wav_bytes(np.array([0.0, wrong], "<f4").tobytes(), 3, 32))
    assert "samples from" in message_of(lambda: read_wav(path))


def test_what_is_no_file(tmp_path):
    assert "folder" in message_of(lambda: read_wav(tmp_path))
    os.mkfifo(tmp_path / "pipe.wav")  # reading it would never end
    assert "pipe" in message_of(lambda: read_wav(tmp_path / "pipe.wav"))


@pytest.mark.parametrize("name", ["i16", "f32"])
def test_changed_bytes_give_a_sound_or_one_line(tmp_path, name):
    """Bytes of a header and of samples changed, cut off and doubled at random."""
    kind, bits, _ = KINDS[name]
    whole = wav_bytes(np.zeros(1000, "<f4" if kind == 3 else "<i2").tobytes(), kind, bits)
    random = np.random.default_rng(4)
    path = tmp_path / "0_a_1.wav"
    messages = []
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(int(random.integers(1, 4))):
            data[int(random.integers(0, 64))] = int(random.choice([0, 1, 127, 128, 255]))
        if random.random() < 0.3:
            data = data[: int(random.integers(0, len(data)))]
        path.write_bytes(data)
        try:
            sound = read_wav(path)
        except InputFileError as error:
            messages.append(str(error))
            continue
        assert np.isfinite(sound.samples).all()
        assert 0 < sound.samples.size <= len(whole)
    assert len(messages) > 100
    assert not any("\n" in one for one in messages)


def test_damaged_sound(tmp_path):
    path = write_wav(tmp_path / "0_a_1.wav")
    whole = path.read_bytes()
    for data in (whole[:-1001], whole[:20], b"not a sound at all", b""):
        path.write_bytes(data)
        message_of(lambda: read_wav(path))
    message_of(lambda: read_wav(tmp_path / "none.wav"))


def test_wrong_folders(tmp_path):
    message_of(lambda: find_samples(tmp_path / "none"))
    assert "no recordings" in message_of(lambda: find_samples(tmp_path))
    write_wav(tmp_path / "0_a_1.wav")
    write_wav(tmp_path / "0_a_2.wav")
    assert "got 1 (0)" in message_of(lambda: find_samples(tmp_path))
    write_wav(tmp_path / "1_a_1.wav")
    assert "got 1 of class 1" in message_of(lambda: find_samples(tmp_path))
    write_wav(tmp_path / "1_a_2.wav")
    assert len(find_samples(tmp_path)) == 4
    write_wav(tmp_path / "noname.wav")
    assert "label" in message_of(lambda: find_samples(tmp_path))
    message_of(lambda: find_samples(tmp_path / "0_a_1.wav"))


def test_one_folder_per_class(tmp_path):
    for label in ("no", "yes"):
        (tmp_path / label).mkdir()
        for k in range(3):
            write_wav(tmp_path / label / f"{k}.wav")
    samples = find_samples(tmp_path)
    assert samples.kind == "sounds"
    assert samples.classes == ["no", "yes"]
    assert len(samples.limited(4)) == 4
    (tmp_path / "yes" / "a.bin").write_bytes(b"\0" * 10)
    assert "one kind" in message_of(lambda: find_samples(tmp_path))
