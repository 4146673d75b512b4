"""Names that help texts list, from the files that have them; loads nothing."""

from distsnn.named_files import named_files

PLACEMENTS = ", ".join(named_files("mapping/placements"))
FABRICS = ", ".join(named_files("comm/fabrics/kinds"))
NETWORKS = ", ".join(named_files("networks/ready"))
CHIPS = ", ".join(named_files("chip/presets", ".toml"))
