"""Lab 4: the raw numbers of a detection head become boxes."""

import math

from tensor_io import cases, read_json, read_npy, write_npy


def sigmoid(value):
    return 1 / (1 + math.exp(-value)) if value > -700 else 0.0


def decode(task, level, shape, head):
    """The candidates of one level: [x1, y1, x2, y2, score, class] in the order of anchors and cells."""
    anchors, rows, columns, channels = shape
    found = []
    for anchor in range(anchors):
        anchor_width, anchor_height = level["anchors"][anchor]
        for row in range(rows):
            for column in range(columns):
                start = ((anchor * rows + row) * columns + column) * channels
                cell = head[start:start + channels]
                #@fade 2 en: skip the cell if its box or its objectness is not a finite number | zh-Hans: 框或“有目标的概率”不是有限数时，跳过这个格子
                if not all(math.isfinite(value) for value in cell[:5]):
                    continue
                #@end
                objectness = sigmoid(cell[4])
                if objectness <= task["confidence"]:
                    continue
                #@fade 3 en: the best class and its probability; the score is objectness times that | zh-Hans: 取概率最高的类别；得分 = 有目标的概率 × 该概率
                #@instead best, score = 0, objectness
                classes = [sigmoid(value) for value in cell[5:]]
                best = max(range(len(classes)), key=lambda index: classes[index])
                score = objectness * classes[best]
                #@end
                if score <= task["confidence"]:
                    continue
                #@fade 3 en: centre and size of the box in input pixels, by the formulas of the text | zh-Hans: 按正文公式求框的中心与宽高（输入像素）
                #@instead x, y, width, height = column, row, anchor_width, anchor_height
                x = (2 * sigmoid(cell[0]) - 0.5 + column) * level["stride"]
                y = (2 * sigmoid(cell[1]) - 0.5 + row) * level["stride"]
                width = (2 * sigmoid(cell[2])) ** 2 * anchor_width
                height = (2 * sigmoid(cell[3])) ** 2 * anchor_height
                #@end
                box = [x - width / 2, y - height / 2, x + width / 2, y + height / 2]
                found.append(box + [score, best])
    return found


def overlap(a, b):
    """The shared area over the area of both together."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def suppress(candidates, threshold, most):
    """Those that stay, by falling score; equal scores keep their order."""
    candidates = sorted(candidates, key=lambda candidate: -candidate[4])
    kept = []
    for candidate in candidates:
        if len(kept) == most:
            break
        #@fade 3 en: keep it unless a kept box of the same class overlaps it by more than the threshold | zh-Hans: 若没有同类别的已保留框与它重叠超过阈值，就保留它
        #@instead kept.append(candidate)
        rivals = [other for other in kept if other[5] == candidate[5]]
        if not any(overlap(candidate, other) > threshold for other in rivals):
            kept.append(candidate)
        #@end
    return kept


for folder, output in cases():
    task = read_json(folder, "task.json")
    candidates = []
    for index, level in enumerate(task["levels"]):
        shape, head = read_npy(folder, f"head-{index}.npy")
        candidates += decode(task, level, shape, head)
    kept = suppress(candidates, task["overlap"], task["most"])
    write_npy(output, "detections.npy", (len(kept), 6), [value for row in kept for value in row])
