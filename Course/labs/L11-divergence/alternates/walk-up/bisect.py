"""Another right answer: looks at every eighth sum on the way up from the output, then between two of them."""

import json

from talk import Talk
from tensor_io import cases, read_json, write_json


def wrong(pair):
    right, own = pair
    return max(abs(a - b) for a, b in zip(right, own)) > 1e-4 * max(1e-9, max(map(abs, right)))


for folder, output in cases():
    net = read_json(folder, "network.json")
    nodes = {step["name"]: step for step in net["nodes"]}
    talk, faults = Talk(folder), []
    while True:
        errors = json.loads(talk.ask("error")[0])
        if max(errors) < 1e-4 or len(faults) > 3:
            break
        shown = errors.index(max(errors))
        cache = {}

        def look(name):
            if name not in cache:
                cache[name] = tuple(json.loads(talk.ask(f"tap {shown} {name}")[0]).values())
            return cache[name]

        def chain(end):
            """The longest way up from a node, through first operands: what lies on it is in order."""
            way = []
            while end in nodes:
                way.append(end)
                end = nodes[end]["inputs"][0]
            return way[::-1]

        node, done = net["output"], False
        while not done:
            way = chain(node)
            low, high = -1, len(way) - 1
            while high - low > 1:
                middle = (low + high) // 2
                if wrong(look(way[middle])):
                    high = middle
                else:
                    low = middle
            node = way[high]
            others = [name for name in nodes[node]["inputs"][1:] if name in nodes]
            # Only a side way can still be wrong, and only where the node reads one.
            bad = next((name for name in others if wrong(look(name))), None)
            done, node = bad is None, bad or node
        right, own = look(node)
        size = len(right) // net["channels"]
        flipped = [x for c in reversed(range(net["channels"])) for x in right[c * size:(c + 1) * size]]
        op = nodes[node]["op"]
        ratio = max(abs(b - 2 * a) for a, b in zip(right, own))
        if ratio < 1e-4 * max(map(abs, right)):
            kind = "doubled"
        elif op != "Conv":
            kind = "operand-lost" if op == "Add" else "activation-lost"
        elif not wrong((flipped, own)):
            kind = "channels-reversed"
        else:
            top = max(own)
            kind = "saturated" if all(abs(b - min(a, top)) < 1e-3 for a, b in zip(right, own)) else "bias-lost"
        faults.append({"node": node, "kind": kind, "input": shown})
        talk.ask(f"repair {node} {kind}")
    write_json(output, "faults.json", {"faults": faults})
