"""The files of the protocol between your program and the grader. You need not change this file.

The grader starts your program once, in a folder with in/ and out/:

    in/0001/...   what to read for case 1      out/0001/   where to write its answer
    in/0002/...                                out/0002/

Arrays are .npy files, the format of NumPy. This module reads and writes them with Python's
standard library alone; if you have NumPy, numpy.load and numpy.save do the same.
"""

import array
import ast
import json
import os

_CODES = {"|u1": "B", "|i1": "b", "<i4": "i", "<i8": "q", "<f4": "f", "<f8": "d"}


def cases():
    """The folders of all cases, as pairs (read from, write to)."""
    for name in sorted(os.listdir("in")):
        yield os.path.join("in", name), os.path.join("out", name)


def read_npy(folder, name):
    """An array as (shape, numbers): a tuple of extents, and all numbers in one flat array."""
    with open(os.path.join(folder, name), "rb") as file:
        data = file.read()
    length = int.from_bytes(data[8:10], "little")
    header = ast.literal_eval(data[10:10 + length].decode("latin-1"))
    numbers = array.array(_CODES[header["descr"]])
    numbers.frombytes(data[10 + length:])
    return header["shape"], numbers


def write_npy(folder, name, shape, numbers):
    """Writes numbers as a float32 array of this shape, row by row (the last axis runs fastest)."""
    header = repr({"descr": "<f4", "fortran_order": False, "shape": tuple(shape)})
    header += " " * (63 - (10 + len(header)) % 64) + "\n"
    with open(os.path.join(folder, name), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little"))
        file.write(header.encode("latin-1"))
        array.array("f", numbers).tofile(file)


def read_json(folder, name):
    """A JSON document as Python's own lists, dictionaries and numbers."""
    with open(os.path.join(folder, name), encoding="utf-8") as file:
        return json.load(file)


def write_json(folder, name, value):
    """Writes a value as a JSON document."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(value, file)
