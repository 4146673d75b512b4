"""Word lengths of the integers in Loihi's compartments, shared by all Loihi models.

Word lengths with sign: q (synaptic input of a step) has 21 bits, u and s (current) have 23.
"""

Q_BITS, U_BITS = 21, 23
MAX_SUM = 2.0**24  # up to here the float32 sum of the weights that arrive in a step is exact
