"""Another right answer: for each recall, the best precision anywhere beyond it."""

from fractions import Fraction

from tensor_io import cases, read_json, write_json


def iou(a, b):
    w = max(0, min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0]))
    h = max(0, min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1]))
    return w * h / (a[2] * a[3] + b[2] * b[3] - w * h)


for folder, output in cases():
    task = read_json(folder, "task.json")
    sums = [0.0] * 10
    classes = {item["class"] for item in task["labels"]}
    for c in classes:
        truth = {}
        for item in task["labels"]:
            if item["class"] == c:
                truth.setdefault(item["picture"], []).append(item["box"])
        count = sum(len(boxes) for boxes in truth.values())
        mine = [item for item in task["predictions"] if item["class"] == c]
        mine = sorted(sorted(mine, key=lambda item: item["picture"]), key=lambda item: item["score"], reverse=True)
        for step in range(10):
            free = {picture: set(range(len(boxes))) for picture, boxes in truth.items()}
            points, hits = [], 0
            for rank, item in enumerate(mine):
                boxes = truth.get(item["picture"], [])
                options = [(iou(item["box"], boxes[i]), i) for i in free.get(item["picture"], ())]
                options = [option for option in options if option[0] >= 0.5 + 0.05 * step]
                if options:
                    free[item["picture"]].remove(max(options)[1])
                    hits += 1
                points.append((Fraction(hits, count), hits / (rank + 1)))
            for percent in range(101):
                beyond = [p for r, p in points if float(r) >= percent / 100]
                sums[step] += max(beyond, default=0.0) / 101
    means = [value / len(classes) for value in sums]
    write_json(output, "result.json", {"AP50": means[0], "AP": sum(means) / 10})
