"""Memory that the ranks of one machine share, and waiting in it."""
