"""Traffic matrices from CSV files and arrays."""

import os

import numpy as np
import pytest

from distsnn.chip import load_chip
from distsnn.errors import InputFileError, UsageError
from distsnn.traffic import TrafficMatrix, account, read_matrix_file


def read(tmp_path, text, n_cores=128):
    path = tmp_path / "matrix.csv"
    path.write_text(text)
    return read_matrix_file(path, n_cores)


def rows(matrix):
    return list(
        zip(matrix.source.tolist(), matrix.target.tolist(), matrix.packets.tolist(), strict=True)
    )


@pytest.mark.parametrize(
    "text",
    [
        "0,127,5\n3,4,0\n0,127,2",
        "source core, destination core, packets\n0,127,5\n3,4,0\n0,127,2\n",
        "# from the lab\n\nsource,destination,packets\n 0 , 127 ,5\n3,4,0 # idle\n\n0,127,+2\n",
        "\ufeff0,127,5\r\n3,4,0\r\n0,127,2\r\n",
        "packets,source,target\n5,0,127\n0,3,4\n2,0,127\n",
        "target core,n packets,source core\n127,5,0\n4,0,3\n127,2,0\n",
    ],
)
def test_lines_are_read(tmp_path, text):
    assert rows(read(tmp_path, text)) == [(0, 127, 5), (3, 4, 0), (0, 127, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must be lines of source core, destination core, packets, got none"),
        ("# nothing\n\n", "got none"),
        ("source,destination,packets\n", "got none"),
        ("0,1,2\n0,1", "line 2: must be 3 columns"),
        ("0,1,2\n0;1;2", "line 2: must be 3 columns"),
        ("0,1,2,3", "line 1: must be 3 columns"),
        ("0 1 2", "must be the columns source core, destination core, packets, got '0 1 2'"),
        ("a,b\n0,1,2", "line 1: must be the columns"),
        ("a,b,c\n0,1,2", "got 'a,b,c'. Name these 3."),
        ("source,packets,packets\n0,1,2", "line 1: must be the columns"),
        ("source,packets\n0,1,2", "line 1: must be the columns"),
        ("source,destination,packets,weight\n0,1,2,3", "line 1: must be the columns"),
        (
            "packets,source,destination\n128,0,-1",
            "line 2: destination core: must be a whole number",
        ),
        ("0,1,2\n0,1,-2", "line 2: packets: must be a whole number from 0 to"),
        ("0,1,2\n\n0,1,2.5", "line 3: packets: must be a whole number, got '2.5'"),
        ("0,1,2\n0,1,", "line 2: packets: must be a whole number, got ''"),
        ("0,1,2\n0,x,1", "line 2: destination core: must be a whole number, got 'x'"),
        ("0,1,2\nsource,destination,packets", "line 2: source core: must be a whole number"),
        ("0,1,2\n128,0,1", "line 2: source core: must be a whole number from 0 to 127, got 128"),
        ("0,1,2\n0,-1,1", "destination core: must be a whole number from 0 to 127, got -1"),
        ("0,1,1e3", "line 1: packets: must be a whole number, got '1e3'"),
        ("0,1,nan", "got 'nan'"),
        ("0,1,1_000", "got '1_000'"),
        ("0,1,9007199254740993", "got 9007199254740993"),
        ("0,1," + "9" * 5000, "line 1: packets: must be"),
        ("0," + "9" * 5000 + ",1", "line 1: destination core: must be"),
        ("0,1,4000000000000000\n0,1,4000000000000000", "line 2: must be at most"),
    ],
)
def test_wrong_lines_are_named(tmp_path, text, message):
    with pytest.raises(InputFileError) as caught:
        read(tmp_path, text)
    assert message in str(caught.value)
    assert "matrix.csv" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(InputFileError, match="No such file"):
        read_matrix_file(tmp_path / "none.csv", 4)
    with pytest.raises(InputFileError, match="must be a regular file, got a folder"):
        read_matrix_file(tmp_path, 4)
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(InputFileError, match="got a pipe or device"):
        read_matrix_file(tmp_path / "pipe.csv", 4)
    with open(tmp_path / "huge.csv", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputFileError, match=r"huge.csv: must be a file of at most"):
        read_matrix_file(tmp_path / "huge.csv", 4)
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\xff\xfe")
    with pytest.raises(InputFileError, match="UTF-8"):
        read_matrix_file(tmp_path / "picture.csv", 4)


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("source core,destination core,packets", (0, 1, 2)),
        ("packets, source, destination", (1, 2, 0)),
        ("Target,Packets,Source", (2, 0, 1)),
        ("destination core, source core, packets per second", (1, 0, 2)),
        ("from,to,packets", (0, 1, 2)),
    ],
)
def test_column_names_give_the_order(tmp_path, header, columns):
    lines = [(0, 127, 5), (3, 4, 200), (9, 0, 2)]
    text = [header]
    for line in lines:
        shuffled = [0, 0, 0]
        for value, place in zip(line, columns, strict=True):
            shuffled[place] = value
        text.append(",".join(str(value) for value in shuffled))
    assert rows(read(tmp_path, "\n".join(text))) == lines


def test_arrays():
    matrix = np.zeros((128, 128), dtype=np.uint16)
    matrix[3, 4], matrix[0, 127] = 7, 65535
    assert rows(TrafficMatrix.from_array(matrix)) == [(0, 127, 65535), (3, 4, 7)]


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.zeros((4, 5), dtype=int), r"shape \(4, 5\)"),
        (np.zeros(4, dtype=int), "shape"),
        (np.full((4, 4), 0.5), "float64"),
        (np.full((4, 4), -1), "must be whole numbers from 0 .*, got -1"),
    ],
)
def test_wrong_arrays(matrix, message):
    with pytest.raises(UsageError, match=message):
        TrafficMatrix.from_array(matrix)


def test_matrix_of_another_chip_is_refused():
    with pytest.raises(UsageError, match="must be of cores 0 to 127, those of chip loihi, got 199"):
        account(load_chip("loihi"), np.ones((200, 200), dtype=int))
    with pytest.raises(UsageError, match=r"must be at most .* packets in all"):
        account(load_chip("loihi"), np.full((128, 128), 1 << 52))
    with pytest.raises(UsageError, match=r"n_steps: must be a whole number from 1 to .*, got 0"):
        account("loihi", np.ones((128, 128), dtype=int), n_steps=0)
