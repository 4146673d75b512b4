"""The names of the ready networks, from the file names in ``ready/``."""

from distsnn.named_files import named_files

READY = tuple(named_files("networks/ready"))
