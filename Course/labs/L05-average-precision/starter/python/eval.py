"""Lab 5: labels and predictions become average precision."""

from tensor_io import cases, read_json, write_json

OVERLAPS = [0.5 + 0.05 * step for step in range(10)]
RECALLS = [step / 100 for step in range(101)]


def overlap(a, b):
    """Shared area over the area of both together; boxes are [x, y, width, height]."""
    #@fade 3 en: the shared width and height, 0 where the boxes do not meet | zh-Hans: 共有部分的宽和高，不相交时为 0
    #@instead width, height = 0.0, 0.0
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    #@end
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def match(labels, predictions, least):
    """For each prediction, the surest first: whether it finds a label."""
    taken = set()
    right = []
    for prediction in predictions:
        best, best_overlap = None, min(least, 1 - 1e-10)
        for index, label in enumerate(labels):
            if index in taken or label["picture"] != prediction["picture"]:
                continue
            #@fade 2 en: remember the free label with the largest overlap; of equal ones the later | zh-Hans: 记住重叠最大的、还没被找到的标注；相同时取后一个
            #@instead best = None
            shared = overlap(prediction["box"], label["box"])
            if shared >= best_overlap:
                best, best_overlap = index, shared
            #@end
        if best is not None:
            taken.add(best)
        right.append(best is not None)
    return right


def average_precision(right, label_count):
    """The mean of the best precision that is still had at each of 101 recalls."""
    recalls, precisions = [], []
    found = 0
    for number, is_right in enumerate(right, start=1):
        found += is_right
        recalls.append(found / label_count)
        precisions.append(found / number)
    #@fade 3 en: from the end to the front: no precision is lower than a later one | zh-Hans: 从后往前：任何一处的精度都不低于它后面的
    for index in range(len(precisions) - 2, -1, -1):
        precisions[index] = max(precisions[index], precisions[index + 1])
    #@end
    total = 0.0
    for wanted in RECALLS:
        #@fade 3 en: the precision where the recall first reaches `wanted`, 0 where it never does | zh-Hans: 召回率第一次达到 wanted 处的精度；达不到则为 0
        #@instead total += 0.0
        reached = next((i for i, recall in enumerate(recalls) if recall >= wanted), None)
        total += precisions[reached] if reached is not None else 0.0
        #@end
    return total / len(RECALLS)


for folder, output in cases():
    task = read_json(folder, "task.json")
    # sorted keeps the order of equal scores. COCO goes through the pictures one after the other.
    ranked = sorted(task["predictions"], key=lambda item: (-item["score"], item["picture"]))
    per_overlap = [[] for _ in OVERLAPS]
    for label in range(task["classes"]):
        labels = [item for item in task["labels"] if item["class"] == label]
        if not labels:
            continue
        predictions = [item for item in ranked if item["class"] == label]
        for values, least in zip(per_overlap, OVERLAPS):
            values.append(average_precision(match(labels, predictions, least), len(labels)))
    means = [sum(values) / len(values) for values in per_overlap]
    write_json(output, "result.json", {"AP50": means[0], "AP": sum(means) / len(means)})
