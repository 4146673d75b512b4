"""Exchange between ranks: packing, forwarding, barriers and windows of shared memory."""
