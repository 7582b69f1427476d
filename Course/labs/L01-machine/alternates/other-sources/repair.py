"""Another right answer: lists of one length after the other, each tried in the mind."""

import itertools

from tensor_io import cases, read_json, write_json


def wrong(m, r):
    numbers = lambda text: [int(part) for part in text.split(".")]
    by_name = {item["path"].rsplit("/", 1)[1].split(".so")[0]: item for item in m["libraries"]}
    engines = [by_name[name] for name in r["engineLibraries"] if name in by_name]
    tests = {
        "driver-too-old": numbers(m["driver"]) < numbers(r["minimumDriver"][r["cuda"]]),
        "library-missing": len(engines) < len(r["engineLibraries"]) or "libcudart" not in by_name,
        "library-empty": any(by_name[name]["bytes"] == 0 for name in ["libcudart"] + r["engineLibraries"] if name in by_name),
        "versions-mixed": len({item["path"].split(".so.")[1].split(".")[0] for item in engines}) > 1,
        "opset-too-new": r["modelOpset"] > r["highestOpset"][m["packages"]["onnxruntime"].rsplit(".", 1)[0]],
        "cache-not-writable": not m["cacheWritable"],
    }
    return {name for name, is_so in tests.items() if is_so}


def works(start, steps):
    state = set(start)
    for step in steps:
        if state.intersection(step["needs"]):
            return False
        state = state.difference(step["heals"]).union(step["causes"])
    return not state


for folder, output in cases():
    start = wrong(read_json(folder, "machine.json"), read_json(folder, "rules.json"))
    repairs = read_json(folder, "repairs.json")
    tried = (steps for count in range(8) for steps in itertools.product(repairs, repeat=count))
    order = next(steps for steps in tried if works(start, steps))
    write_json(output, "order.json", {"order": [step["name"] for step in order]})
