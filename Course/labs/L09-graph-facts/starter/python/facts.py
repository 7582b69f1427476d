"""Lab 9: what a network's list of nodes says about its size, its work, its memory and what it sees."""

from tensor_io import cases, read_json, write_json


def windowed(extent, kernel, stride, pad):
    """How many places a window has along one axis."""
    #@fade 3 en: the padded extent, less the window, in whole strides, plus the first place | zh-Hans: 补边后的长度减去窗口，按步长取整，再加上第一个位置
    #@instead return extent
    return (extent + 2 * pad - kernel) // stride + 1
    #@end


def result_shape(node, shapes):
    """The shape [N, C, H, W] of what a node gives."""
    sources = [shapes[name] for name in node["inputs"]]
    n, c, h, w = sources[0]
    if node["op"] in ("Conv", "MaxPool"):
        h = windowed(h, node["kernel"], node["stride"], node["pad"])
        w = windowed(w, node["kernel"], node["stride"], node["pad"])
    if node["op"] == "Conv":
        c = node["channels"]
    #@fade 2 en: Concat puts the channels of its sources one after the other | zh-Hans: Concat 把各个来源的通道接在一起
    if node["op"] == "Concat":
        c = sum(source[1] for source in sources)
    #@end
    return [n, c, h, w]


def convolution_cost(node, shapes):
    """(parameters, multiply-adds) of a convolution."""
    source, result = shapes[node["inputs"][0]], shapes[node["name"]]
    #@fade 3 en: weights for one output channel: it sees only the inputs of its own group | zh-Hans: 一个输出通道的权重个数：它只看自己那一组的输入
    #@instead per_channel = 0
    per_channel = source[1] // node["groups"] * node["kernel"] ** 2
    #@end
    parameters = per_channel * result[1] + (result[1] if node["bias"] else 0)
    #@fade 3 en: each number of the result takes so many multiply-adds | zh-Hans: 结果里的每个数要做这么多次乘加
    #@instead work = 0
    work = per_channel * result[1] * result[2] * result[3]
    #@end
    return parameters, work


def receptive_field(nodes, output):
    """How many pixels wide a part of the picture one number of an output can depend on, edges aside."""
    seen = {"image": (1, 1)}
    for node in nodes:
        # Of several sources, the one that sees most counts; all of them have the same distance.
        field = max(seen[name][0] for name in node["inputs"])
        distance = seen[node["inputs"][0]][1]
        #@fade 3 en: a window adds the pixels from its first place to its last; its stride moves neighbours further apart | zh-Hans: 窗口增加的是从它第一个位置到最后一个位置的像素；步长让相邻的数离得更远
        if "kernel" in node:
            field += (node["kernel"] - 1) * distance
            distance *= node["stride"]
        #@end
        seen[node["name"]] = (field, distance)
    return seen[output][0]


def dead_nodes(nodes, outputs):
    """The names of the nodes from which no way leads to an output."""
    alive = set(outputs)
    #@fade 3 en: from the end to the front: what a living node reads is alive | zh-Hans: 从后往前：活着的节点读的东西也活着
    for node in reversed(nodes):
        if node["name"] in alive:
            alive.update(node["inputs"])
    #@end
    return sorted(node["name"] for node in nodes if node["name"] not in alive)


for folder, output in cases():
    graph = read_json(folder, "graph.json")
    shapes = {"image": graph["input"]}
    parameters, multiply_adds, elements, operators = 0, 0, 0, {}
    for node in graph["nodes"]:
        shape = result_shape(node, shapes)
        shapes[node["name"]] = shape
        operators[node["op"]] = operators.get(node["op"], 0) + 1
        elements += shape[0] * shape[1] * shape[2] * shape[3]
        if node["op"] == "Conv":
            more, work = convolution_cost(node, shapes)
            parameters += more
            multiply_adds += work
    del shapes["image"]
    write_json(output, "facts.json", {
        "shapes": shapes,
        "parameters": parameters,
        "multiplyAdds": multiply_adds,
        "bytes": 4 * elements,
        "receptiveField": receptive_field(graph["nodes"], graph["outputs"][0]),
        "operators": operators,
        "dead": dead_nodes(graph["nodes"], graph["outputs"]),
    })
