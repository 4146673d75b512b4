"""Folders of recordings, and every wrong input gets one clear line."""

from __future__ import annotations

import wave

import numpy as np
import pytest

from distsnn.errors import InputFileError
from distsnn.liquid.samples import SHIPPED, find_samples
from distsnn.liquid.sound import read_wav
from distsnn.liquid.stimulus import SoundEncoder


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
    assert "limit" in text
    return text


def test_the_shipped_digits():
    samples = find_samples(SHIPPED)
    assert len(samples) == 120
    assert samples.classes == [str(k) for k in range(10)]
    assert len(samples.speakers) == 3
    assert (SHIPPED / "LICENSE.txt").read_text().count("CC BY-SA 4.0") == 1
    spikes = SoundEncoder().encode(samples.items[0].path)
    assert 100 < spikes.n_steps < 1000
    assert spikes.line.max() < 160


@pytest.mark.parametrize(
    ("options", "word"),
    [({"width": 1}, "8-bit"), ({"width": 3}, "24-bit"), ({"channels": 2}, "channels"),
     ({"rate": 4000}, "samples per second"), ({"n": 0}, "samples")],
)  # fmt: skip
def test_sound_of_another_kind(tmp_path, options, word):
    path = write_wav(tmp_path / "0_a_1.wav", **options)
    assert word in message_of(lambda: read_wav(path))


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
    assert "1 class" in message_of(lambda: find_samples(tmp_path))
    write_wav(tmp_path / "1_a_1.wav")
    assert "1 recording" in message_of(lambda: find_samples(tmp_path))
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
