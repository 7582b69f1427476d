"""Another right answer: who writes what, asked backwards; a copy of the file with less in it."""

import copy

from onnx_io import read_onnx, write_onnx
from tensor_io import cases, read_json


def ancestors(model, values):
    """The names of the nodes that some values depend on."""
    writer = {name: node for node in model["nodes"] for name in node["outputs"]}
    found, todo = set(), list(values)
    while todo:
        node = writer.get(todo.pop())
        if node and node["name"] not in found:
            found.add(node["name"])
            todo.extend(node["inputs"])
    return found


def only(model, names, inputs, outputs):
    """A copy with some nodes, inputs and outputs."""
    left = copy.deepcopy(model)
    shapes = {**left["shapes"], **{v["name"]: v["shape"] for v in left["inputs"] + left["outputs"]}}
    left["nodes"] = [node for node in left["nodes"] if node["name"] in names]
    read = set().union(*(node["inputs"] for node in left["nodes"]))
    for name in set(left["weights"]) - read:
        del left["weights"][name]
    left["inputs"] = [{"name": name, "shape": shapes[name]} for name in inputs]
    left["outputs"] = [{"name": name, "shape": shapes[name]} for name in outputs]
    return left


for folder, output in cases():
    model, orders = read_onnx(folder, "model.onnx"), read_json(folder, "orders.json")
    image, ends = model["inputs"][0]["name"], [value["name"] for value in model["outputs"]]
    if "at" in orders:
        first = ancestors(model, [orders["at"]])
        second = ancestors(model, ends) - first
        written = {name for node in model["nodes"] if node["name"] in first for name in node["outputs"]}
        read = {name for node in model["nodes"] if node["name"] in second for name in node["inputs"]}
        border = sorted(written & read)
        write_onnx(output, "first.onnx", only(model, first, [image], border))
        write_onnx(output, "second.onnx", only(model, second, border[::-1], ends))
        continue
    wanted = {entry["value"]: entry["name"] for entry in orders["outputs"]}
    left = only(model, ancestors(model, wanted), [image], list(wanted))
    wanted[image] = orders["input"]
    for node in left["nodes"]:
        for side in ("inputs", "outputs"):
            node[side] = [wanted.get(name, name) for name in node[side]]
    for value in left["inputs"] + left["outputs"]:
        value["name"] = wanted.get(value["name"], value["name"])
    write_onnx(output, "model.onnx", left)
