"""Another right answer: each class by itself, then everything sorted again."""

import math

from tensor_io import cases, read_json, read_npy, write_npy


def s(v):
    return 0.5 * (1 + math.tanh(v / 2))


def area(b):
    return (b[2] - b[0]) * (b[3] - b[1])


def shares_too_much(a, b, limit):
    w = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    h = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    return w * h > limit * (area(a) + area(b) - w * h)


for folder, output in cases():
    task = read_json(folder, "task.json")
    by_class, number = {}, 0
    for i, level in enumerate(task["levels"]):
        (na, nh, nw, nc), t = read_npy(folder, "head-%d.npy" % i)
        for place in range(na * nh * nw):
            cell = t[place * nc:(place + 1) * nc]
            number += 1
            if any(v != v or abs(v) == math.inf for v in cell[:5]):
                continue
            x, y, a = place % nw, place // nw % nh, place // (nw * nh)
            probabilities = [s(v) for v in cell[5:]]
            label = probabilities.index(max(probabilities))
            score = s(cell[4]) * probabilities[label]
            if s(cell[4]) > task["confidence"] and score > task["confidence"]:
                cx, cy = (s(cell[0]) * 2 - 0.5 + x) * level["stride"], (s(cell[1]) * 2 - 0.5 + y) * level["stride"]
                w = 4 * s(cell[2]) ** 2 * level["anchors"][a][0]
                h = 4 * s(cell[3]) ** 2 * level["anchors"][a][1]
                box = (cx - w / 2, cy - h / 2, cx + w / 2, cy + h / 2, score, label)
                by_class.setdefault(label, []).append((-score, number, box))
    survivors = []
    for group in by_class.values():
        mine = []
        for entry in sorted(group):
            if not any(shares_too_much(entry[2], other[2], task["overlap"]) for other in mine):
                mine.append(entry)
        survivors += mine
    survivors = sorted(survivors)[:task["most"]]
    flat = [value for entry in survivors for value in entry[2]]
    write_npy(output, "detections.npy", (len(survivors), 6), flat)
