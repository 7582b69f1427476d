"""Lab 16: which pictures to calibrate with, and which scales to use."""

import hashlib
import statistics

from tensor_io import cases, read_json, read_npy, write_json


def digest(picture):
    """The SHA-256 of a picture's numbers, as task.json states those of held-out pictures."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def rows_of(folder, name):
    """The array `name` as one list of numbers for each entry of its first axis, and its shape."""
    shape, numbers = read_npy(folder, name + ".npy")
    size = len(numbers) // shape[0]
    return shape, [numbers[i * size:(i + 1) * size] for i in range(shape[0])]


def good_pictures(pictures, task):
    """The numbers of the pictures that show what the network will see."""
    chosen = []
    for index, picture in enumerate(pictures):
        #@fade 3 en: not black, not left at 0 to 255, and none that accuracy is measured on | zh-Hans: 不是全黑的，不是仍在 0 到 255 的，也不是用来评测精度的
        if max(picture) == 0:
            continue
        median = statistics.median(picture)
        if median > 1:
            continue
        if digest(picture) in task["heldOut"]:
            continue
        #@end
        chosen.append(index)
    return chosen


def usual_pictures(pictures, chosen):
    """Those of the chosen pictures in which no number is far beyond what is usual among them."""
    #@fade 3 en: a faulty pixel makes the greatest number of its picture many times as large as the others' | zh-Hans: 坏像素会让它那张图的最大值比别的图大许多倍
    #@instead return chosen
    limit = 2 * statistics.median(max(pictures[index]) for index in chosen)
    return [index for index in chosen if max(pictures[index]) <= limit]
    #@end


def scale_and_zero(low, high, scheme):
    """By what a byte is multiplied, and which byte stands for 0. Zero is always in the range."""
    low, high = min(low, 0.0), max(high, 0.0)
    if scheme == "symmetric":
        return {"scale": max(-low, high) / 127, "zero": 0}
    #@fade 3 en: 255 steps from low to high; which of them is 0? | zh-Hans: 从 low 到 high 共 255 步，其中第几步是 0？
    #@instead return {"scale": max(-low, high) / 127, "zero": 0}
    scale = (high - low) / 255
    return {"scale": scale, "zero": round(-low / scale)}
    #@end


def weight_scales(weight, rows):
    """One scale for each output channel: signed bytes from -127 to 127. `rows` holds the weights of each
    channel, `weight` all of them."""
    #@fade 3 en: each channel by its own largest magnitude | zh-Hans: 每个通道用自己的最大绝对值
    #@instead return [max(map(abs, weight)) / 127 for row in rows]
    return [max(map(abs, row)) / 127 for row in rows]
    #@end


def corrected_biases(bias, rows, scales, means, taps):
    """Biases that take back what rounding the weights shifts on average: for each output channel the sum of
    (weight - rounded weight) times the mean of the channel that it reads."""
    corrected = []
    for channel, row in enumerate(rows):
        shift = 0.0
        for place, value in enumerate(row):
            mean = means[place // taps]
            rounded = round(value / scales[channel]) * scales[channel]
            #@fade 2 en: what this weight loses by rounding, times the mean of what it multiplies | zh-Hans: 这个权重因舍入丢掉的部分，乘以它所乘的数的平均
            shift += (value - rounded) * mean
            #@end
        corrected.append(bias[channel] + shift)
    return corrected


for folder, output in cases():
    task = read_json(folder, "task.json")
    _, pictures = rows_of(folder, "pictures")
    chosen = good_pictures(pictures, task)
    if task["method"] == "free":
        chosen = usual_pictures(pictures, chosen)
    table = {"set": chosen, "scales": {}, "weights": {}, "biases": {}}
    means = {}
    for name in task["values"]:
        shape, rows = rows_of(folder, name)
        rows = [rows[index] for index in chosen]
        low, high = min(map(min, rows)), max(map(max, rows))
        table["scales"][name] = scale_and_zero(low, high, task["scheme"])
        plane = shape[2] * shape[3]
        means[name] = [
            sum(sum(row[c * plane:(c + 1) * plane]) for row in rows) / (plane * len(rows))
            for c in range(shape[1])
        ]
    for convolution in task["convolutions"]:
        name = convolution["name"]
        shape, rows = rows_of(folder, name + ".weight")
        weight = [value for row in rows for value in row]
        scales = weight_scales(weight, rows)
        table["weights"][name] = scales
        if task["correctBiases"]:
            _, bias = read_npy(folder, name + ".bias.npy")
            taps = shape[2] * shape[3]
            table["biases"][name] = corrected_biases(
                bias, rows, scales, means[convolution["reads"]], taps
            )
    write_json(output, "table.json", table)
