"""Traffic matrices with wrong bytes are matrices or one line."""

from __future__ import annotations

from mutated import mutations, refused_in_one_line

from distsnn.traffic import read_matrix_file

CONTENT = b"""# from the lab
destination core, source core, packets
0,127,5
3,4,0   # idle
127,127,12345
64,2,1
"""


def test_wrong_bytes(tmp_path):
    path = tmp_path / "wrong.csv"

    def read(changed: bytes) -> None:
        path.write_bytes(changed)
        matrix = read_matrix_file(path, 128)
        for cores in (matrix.source, matrix.target):
            assert 0 <= cores.min() <= cores.max() < 128
        assert matrix.packets.min() >= 0

    n = 700
    n_refused = refused_in_one_line(read, mutations(CONTENT, 2), n, "wrong.csv")
    assert n / 10 < n_refused < n
