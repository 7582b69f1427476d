"""ONNX files as Python's own lists and dictionaries. You need not change this file.

A model is a dictionary:

    {"opset": 17,
     "inputs":  [{"name": "images", "shape": ["batch", 3, 64, 64]}],   # a text is an open extent
     "outputs": [{"name": "output", "shape": ["batch", 8, 8, 8]}],
     "nodes":   [{"op": "Conv", "name": "stem", "inputs": ["images", "stem.weight"],
                  "outputs": ["stem"], "attributes": {"strides": [2, 2], "pads": [1, 1, 1, 1]}}],
     "weights": {"stem.weight": ((8, 3, 3, 3), numbers)},              # array('f'); array('q') for int64
     "shapes":  {"stem": [1, 8, 32, 32]}}                              # what the file says of other values

An ONNX file is a protobuf message: numbered fields, each a whole number, four bytes, or a piece of
bytes that may be a message itself. This module needs Python's standard library alone; the package
onnx writes the same files. Source of the numbers: onnx/onnx.proto.
"""

import array
import os
import struct

_TYPES = {1: "f", 2: "B", 3: "b", 6: "i", 7: "q", 11: "d"}
_NUMBERS = {code: number for number, code in _TYPES.items()}


def read_onnx(folder, name):
    """The model in a file."""
    with open(os.path.join(folder, name), "rb") as file:
        fields = _fields(file.read())
    graph = _fields(fields[7][0])
    model = {"opset": 0, "inputs": [], "outputs": [], "nodes": [], "weights": {}, "shapes": {}}
    for entry in fields.get(8, []):
        entry = _fields(entry)
        if _text(entry, 1) in ("", "ai.onnx"):
            model["opset"] = entry[2][0]
    for entry in graph.get(5, []):
        key, tensor = _tensor(entry)
        model["weights"][key] = tensor
    model["inputs"] = [_value(entry) for entry in graph.get(11, [])]
    model["outputs"] = [_value(entry) for entry in graph.get(12, [])]
    for entry in graph.get(13, []):
        value = _value(entry)
        model["shapes"][value["name"]] = value["shape"]
    for entry in graph.get(1, []):
        node = _fields(entry)
        model["nodes"].append({
            "op": _text(node, 4), "name": _text(node, 3),
            "inputs": [part.decode() for part in node.get(1, [])],
            "outputs": [part.decode() for part in node.get(2, [])],
            "attributes": dict(_attribute(part) for part in node.get(5, [])),
        })
    return model


def write_onnx(folder, name, model):
    """Writes a model; what it says of inner shapes is left out, since every reader infers them."""
    graph = b"".join(_field(1, _node(node)) for node in model["nodes"])
    graph += _field(2, b"graph")
    graph += b"".join(_field(5, _initializer(key, *tensor)) for key, tensor in model["weights"].items())
    graph += b"".join(_field(11, _info(value)) for value in model["inputs"])
    graph += b"".join(_field(12, _info(value)) for value in model["outputs"])
    opset = model["opset"]
    version = 7 if opset <= 14 else 8 if opset <= 18 else 9 if opset <= 20 else 10
    data = _number(1, version) + _field(2, b"lab") + _field(7, graph)
    data += _field(8, _field(1, b"") + _number(2, opset))
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def int64(*numbers):
    """A list of whole numbers as a tensor for "weights"."""
    return (len(numbers),), array.array("q", numbers)


def float32(*numbers):
    """A list of numbers as a tensor for "weights"."""
    return (len(numbers),), array.array("f", numbers)


def _varint(value):
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number, data):
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _number(number, value):
    return _varint(number << 3) + _varint(value)


def _fields(data):
    """Field number -> its values, in order."""
    fields, place = {}, 0

    def varint():
        nonlocal place
        value, shift = 0, 0
        while True:
            byte = data[place]
            place += 1
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7

    while place < len(data):
        key = varint()
        kind = key & 7
        if kind == 0:
            value = varint()
            value -= 1 << 64 if value >> 63 else 0
        else:
            length = varint() if kind == 2 else 4 if kind == 5 else 8
            value = data[place:place + length]
            place += length
        fields.setdefault(key >> 3, []).append(value)
    return fields


def _text(fields, number):
    return fields[number][0].decode() if number in fields else ""


def _integers(parts):
    """Whole numbers, whether packed or one by one."""
    numbers = []
    for part in parts:
        if isinstance(part, int):
            numbers.append(part)
        else:
            numbers += _fields(b"".join(b"\x08" + piece for piece in _pieces(part))).get(1, [])
    return numbers


def _pieces(data):
    start = 0
    for end, byte in enumerate(data, 1):
        if byte < 128:
            yield data[start:end]
            start = end


def _tensor(data):
    fields = _fields(data)
    numbers = array.array(_TYPES[fields[2][0]])
    if 9 in fields:
        numbers.frombytes(fields[9][0])
    elif 4 in fields:
        numbers.frombytes(b"".join(fields[4]))
    else:
        numbers.extend(_integers(fields.get(7, fields.get(5, []))))
    return _text(fields, 8), (tuple(_integers(fields.get(1, []))), numbers)


def _initializer(name, shape, numbers):
    data = b"".join(_number(1, extent) for extent in shape)
    data += _number(2, _NUMBERS[numbers.typecode])
    return data + _field(8, name.encode()) + _field(9, numbers.tobytes())


def _value(data):
    fields = _fields(data)
    tensor = _fields(_fields(fields[2][0])[1][0])
    shape = []
    for part in _fields(tensor[2][0]).get(1, []) if 2 in tensor else []:
        extent = _fields(part)
        shape.append(extent[1][0] if 1 in extent else _text(extent, 2) or "?")
    return {"name": _text(fields, 1), "shape": shape}


def _info(value):
    shape = b""
    for extent in value["shape"]:
        shape += _field(1, _number(1, extent) if isinstance(extent, int) else _field(2, extent.encode()))
    tensor = _number(1, 1) + _field(2, shape)
    return _field(1, value["name"].encode()) + _field(2, _field(1, tensor))


def _attribute(data):
    fields = _fields(data)
    kind = fields.get(20, [0])[0]
    if kind == 1:
        value = struct.unpack("<f", fields[2][0])[0]
    elif kind == 2:
        value = fields.get(3, [0])[0]
    elif kind == 3:
        value = _text(fields, 4)
    elif kind == 4:
        value = _tensor(fields[5][0])[1]
    elif kind == 6:
        data = b"".join(fields.get(7, []))
        value = list(struct.unpack("<%df" % (len(data) // 4), data))
    else:
        value = _integers(fields.get(8, []))
    return _text(fields, 1), value


def _node(node):
    data = b"".join(_field(1, name.encode()) for name in node["inputs"])
    data += b"".join(_field(2, name.encode()) for name in node["outputs"])
    data += _field(3, node["name"].encode()) + _field(4, node["op"].encode())
    for name, value in node.get("attributes", {}).items():
        attribute = _field(1, name.encode())
        if isinstance(value, float):
            attribute += _varint(2 << 3 | 5) + struct.pack("<f", value) + _number(20, 1)
        elif isinstance(value, int):
            attribute += _number(3, value) + _number(20, 2)
        elif isinstance(value, str):
            attribute += _field(4, value.encode()) + _number(20, 3)
        elif isinstance(value, tuple):
            attribute += _field(5, _initializer("", *value)) + _number(20, 4)
        elif value and isinstance(value[0], float):
            attribute += b"".join(_varint(7 << 3 | 5) + struct.pack("<f", x) for x in value) + _number(20, 6)
        else:
            attribute += b"".join(_number(8, x) for x in value) + _number(20, 7)
        data += _field(5, attribute)
    return data
