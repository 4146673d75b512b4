"""Every way in which a file's bytes are taken in, with bounds on size, time and memory.

A reader elsewhere asks this room for bytes, text, arrays, HDF5 data or pictures, and says what they
mean. Only regular files are read, no more memory is taken than the file's size allows (``limits``),
and whatever a decoder raises becomes one InputFileError that names the file.
"""
