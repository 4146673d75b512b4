"""Reading of files, with bounds on size, time and memory.

Readers elsewhere ask this room for bytes, text, arrays, HDF5 data or pictures, and interpret them.
Only regular files are read, the size of a file bounds the memory that is taken (``limits``), and all
exceptions of decoders become one InputFileError that names the file.
"""
