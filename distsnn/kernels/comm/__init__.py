"""Packets between ranks: packing, forwarding, windows of shared memory."""
