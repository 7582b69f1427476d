"""Lab 24, second part: the same network at two sizes: where does which precision gain more?"""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def measure(folder, size, task):
    """For each precision how many times as fast as fp32 of the same size: (at least, most likely, at most)."""
    command = [
        "vitrine", "compare", "precision", os.path.join(folder, f"fp32-{size}.onnx"), "--precisions", *task["precisions"],
        "--int8", os.path.join(folder, f"int8-{size}.onnx"), "--data", task["data"][str(size)],
        "--threads", str(task["threads"]), "--duration", "0.8", "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    times = {"fp32": (1, 1, 1)}
    for row in json.loads(done.stdout)["precision"]["rows"]:
        if row.get("verdict"):
            # Ratios are time over time of fp32: the longest time is the least speed.
            times[row["precision"]] = tuple(1 / max(row["verdict"][end], 1e-9) for end in ("upper", "ratio", "lower"))
    return times


def gains(times, sizes):
    """For each precision and size what it surely gains there over the other size: (factor, precision, size)."""
    small, large = sizes
    found = []
    for precision in times[small]:
        for own, other in ((small, large), (large, small)):
            #@fade 3 en: the least that it is here over the most that it is there | zh-Hans: 这里最少的倍数除以那里最多的倍数
            #@instead factor = 1
            factor = times[own][precision][0] / times[other][precision][2]
            #@end
            found.append((factor, precision, own))
    return found


def orders_differ(times, sizes):
    """Whether two precisions surely stand in another order at the other size."""
    def sign(size, first, second):
        #@fade 3 en: 1 or -1 only where the intervals lie apart, 0 where they overlap | zh-Hans: 区间分开时才给 1 或 -1，重叠时给 0
        if times[size][first][0] > times[size][second][2]:
            return 1
        if times[size][second][0] > times[size][first][2]:
            return -1
        #@end
        return 0

    pairs = [(a, b) for a in times[sizes[0]] for b in times[sizes[0]] if a < b]
    signs = [[sign(size, *pair) for size in sizes] for pair in pairs]
    if any(first * second < 0 for first, second in signs):
        return "yes"
    return "no" if all(first == second != 0 for first, second in signs) else "unsure"


for folder, output in cases():
    task = read_json(folder, "task.json")
    times = {size: measure(folder, size, task) for size in task["sizes"]}
    factor, precision, size = max(gains(times, task["sizes"]))
    write_json(output, "contrast.json", {
        "ordersDiffer": orders_differ(times, task["sizes"]),
        "precision": precision,
        "faster": size,
        "atLeast": 0.9 * factor,
        "times": {str(size): {name: ends[1] for name, ends in row.items()} for size, row in times.items()},
    })
