"""Memory that the ranks of one machine share, and synchronisation through it."""
