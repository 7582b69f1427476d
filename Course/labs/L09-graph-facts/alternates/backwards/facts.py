"""Another right answer: shapes by asking backwards, life by a search from the outputs."""

import collections
import functools
import math

from tensor_io import cases, read_json, write_json

for folder, output in cases():
    graph = read_json(folder, "graph.json")
    nodes = {node["name"]: node for node in graph["nodes"]}

    @functools.lru_cache(maxsize=None)
    def shape(name):
        if name not in nodes:
            return tuple(graph["input"])
        node = nodes[name]
        inputs = [shape(source) for source in node["inputs"]]
        _, c, h, w = inputs[0]
        if "kernel" in node:
            places = lambda size: math.floor((size + 2 * node["pad"] - node["kernel"]) / node["stride"] + 1)
            h, w = places(h), places(w)
        if node["op"] == "Concat":
            c = sum(item[1] for item in inputs)
        return (1, node.get("channels", c), h, w)

    @functools.lru_cache(maxsize=None)
    def distance(name):
        node = nodes.get(name)
        return distance(node["inputs"][0]) * node.get("stride", 1) if node else 1

    @functools.lru_cache(maxsize=None)
    def sees(name):
        node = nodes.get(name)
        if node is None:
            return 1
        window = (node.get("kernel", 1) - 1) * distance(node["inputs"][0])
        return window + max(map(sees, node["inputs"]))

    seen, todo = set(), list(graph["outputs"])
    while todo:
        name = todo.pop()
        if name in nodes and name not in seen:
            seen.add(name)
            todo += nodes[name]["inputs"]
    weights, work = 0, 0
    for name, node in nodes.items():
        if node["op"] == "Conv":
            _, c, h, w = shape(name)
            one = node["kernel"] * node["kernel"] * shape(node["inputs"][0])[1] // node["groups"]
            weights += c * (one + bool(node["bias"]))
            work += one * c * h * w
    write_json(output, "facts.json", {
        "shapes": {name: list(shape(name)) for name in nodes},
        "parameters": weights,
        "multiplyAdds": work,
        "bytes": sum(4 * math.prod(shape(name)) for name in nodes),
        "receptiveField": sees(graph["outputs"][0]),
        "operators": collections.Counter(node["op"] for node in graph["nodes"]),
        "dead": sorted(set(nodes) - seen),
    })
