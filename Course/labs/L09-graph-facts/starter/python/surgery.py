"""Lab 9, second part: a network is cut, tapped and split, and what is left of it computes what it did."""

from onnx_io import read_onnx, write_onnx
from tensor_io import cases, read_json


def needed(nodes, values):
    """The nodes, in order, that some values depend on."""
    wanted, kept = set(values), []
    #@fade 3 en: from the end to the front: who writes what is wanted is kept, and what it reads is wanted, too | zh-Hans: 从后往前：写出想要的值的节点留下，它读的值也成了想要的
    for node in reversed(nodes):
        if wanted.intersection(node["outputs"]):
            wanted.update(node["inputs"])
            kept.append(node)
    #@end
    return kept[::-1]


def part(model, nodes, inputs, outputs):
    """A model of some nodes that reads and gives some values."""
    shapes = dict(model["shapes"])
    shapes.update({value["name"]: value["shape"] for value in model["inputs"] + model["outputs"]})
    read = {name for node in nodes for name in node["inputs"]}
    #@fade 3 en: only the constants that one of the nodes reads | zh-Hans: 只带上有节点读的常量
    #@instead weights = model["weights"]
    weights = {name: tensor for name, tensor in model["weights"].items() if name in read}
    #@end
    return {
        "opset": model["opset"], "nodes": nodes, "weights": weights, "shapes": shapes,
        "inputs": [{"name": name, "shape": shapes[name]} for name in inputs],
        "outputs": [{"name": name, "shape": shapes[name]} for name in outputs],
    }


def rename(model, names):
    """Gives values other names wherever they stand."""
    for node in model["nodes"]:
        #@fade 3 en: where it is written and where it is read | zh-Hans: 写它的地方和读它的地方
        node["outputs"] = [names.get(name, name) for name in node["outputs"]]
        node["inputs"] = [names.get(name, name) for name in node["inputs"]]
        #@end
    for value in model["inputs"] + model["outputs"]:
        value["name"] = names.get(value["name"], value["name"])


def cut(model, orders):
    """What is left where only some outputs are wanted."""
    image = model["inputs"][0]["name"]
    outputs = [output["value"] for output in orders["outputs"]]
    left = part(model, needed(model["nodes"], outputs), [image], outputs)
    names = {output["value"]: output["name"] for output in orders["outputs"]}
    names[image] = orders["input"]
    rename(left, names)
    return left


def split(model, at):
    """The part that one value depends on, and everything else; together they are the whole."""
    image = model["inputs"][0]["name"]
    outputs = [output["name"] for output in model["outputs"]]
    first = needed(model["nodes"], [at])
    done = {node["name"] for node in first}
    #@fade 3 en: what the outputs depend on and the first part has not computed already | zh-Hans: 输出依赖的、而第一部分还没有算过的
    #@instead second = []
    second = [node for node in needed(model["nodes"], outputs) if node["name"] not in done]
    #@end
    #@fade 3 en: every value that is written in the first part and read in the second | zh-Hans: 在第一部分写出、在第二部分被读的每一个值
    #@instead crossing = [at]
    read = {name for node in second for name in node["inputs"]}
    crossing = [name for node in first for name in node["outputs"] if name in read]
    #@end
    return part(model, first, [image], crossing), part(model, second, crossing, outputs)


for folder, output in cases():
    model = read_onnx(folder, "model.onnx")
    orders = read_json(folder, "orders.json")
    if "at" in orders:
        first, second = split(model, orders["at"])
        write_onnx(output, "first.onnx", first)
        write_onnx(output, "second.onnx", second)
    else:
        write_onnx(output, "model.onnx", cut(model, orders))
