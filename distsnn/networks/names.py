"""The names of the ready networks."""

from distsnn.named_files import named_files

READY = tuple(named_files("networks/ready"))
