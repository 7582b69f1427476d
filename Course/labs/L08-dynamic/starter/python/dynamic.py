"""Lab 8: a network traced with one picture of one size becomes one for any batch and size."""

from collections import Counter

from onnx_io import float32, int64, read_onnx, write_onnx
from tensor_io import cases, read_json, write_json


def open_reshape(entries, cells):
    """The shape that a Reshape should be given, from the one that was traced. In a Reshape, 0 means: as
    before; -1 means: whatever remains, once at most."""
    #@fade 3 en: the batch stays what it is, whatever it is | zh-Hans: 批次是多少就保持多少
    entries[0] = 0
    #@end
    #@fade 3 en: only entries with the grid's cells in them are multiples of their number | zh-Hans: 只有含格子数的那一项才是格子数的倍数
    for index, entry in enumerate(entries):
        if entry > 0 and entry % cells == 0:
            entries[index] = -1
    #@end
    return entries


def set_free(model, task):
    """Changes the model where it holds numbers that depend on batch, height or width."""
    size_is_open = "height" in task["open"]
    _, _, height, width = model["inputs"][0]["shape"]
    cells = (height // task["stride"]) * (width // task["stride"])
    for node in model["nodes"]:
        if node["op"] == "Reshape":
            name = node["inputs"][1]
            model["weights"][name] = int64(*open_reshape(list(model["weights"][name][1]), cells))
        elif node["op"] == "Resize":
            #@fade 2 en: factors instead of sizes: what is written over what is read, along each axis | zh-Hans: 用倍数代替尺寸：沿每个轴，写出的除以读入的
            _, sizes = model["weights"].pop(node["inputs"][3])
            source = model["shapes"][node["inputs"][0]]
            scales = node["name"] + ".scales"
            model["weights"][scales] = float32(*[new / old for new, old in zip(sizes, source)])
            node["inputs"] = [node["inputs"][0], "", scales]
            #@end
        elif node["op"] == "Slice":
            #@fade 2 en: to the end, wherever that is: a number that no extent reaches | zh-Hans: 一直到末尾，不管末尾在哪：用一个任何长度都到不了的数
            name = node["inputs"][2]
            model["weights"][name] = int64(*[2 ** 63 - 1 for _ in model["weights"][name][1]])
            #@end
    inner = ["height", "width"] if size_is_open else [height, width]
    model["inputs"][0]["shape"] = ["batch", 3] + inner
    _, rows, columns = model["outputs"][0]["shape"]
    #@fade 3 en: what the file says of the output must be open as well | zh-Hans: 文件里对输出的说明也要放开
    model["outputs"][0]["shape"] = ["batch", "rows" if size_is_open else rows, columns]
    #@end


def work(shape):
    """Pixels of all pictures of a request."""
    batch, height, width = shape
    return batch * height * width


def profile(requests):
    """The range that covers the requests, tuned for the shape that most of the work has."""
    counts = Counter(map(tuple, requests))
    #@fade 3 en: most of the work, not most often | zh-Hans: 工作量最大的，而不是次数最多的
    #@instead best = list(requests[0])
    best = list(max(counts, key=lambda shape: counts[shape] * work(shape)))
    #@end
    return {
        "min": [min(axis) for axis in zip(*requests)],
        "opt": best,
        "max": [max(axis) for axis in zip(*requests)],
    }


for folder, output in cases():
    task = read_json(folder, "task.json")
    model = read_onnx(folder, "model.onnx")
    set_free(model, task)
    write_onnx(output, "model.onnx", model)
    write_json(output, "profile.json", profile(task["requests"]))
