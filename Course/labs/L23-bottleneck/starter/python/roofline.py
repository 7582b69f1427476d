"""Lab 23, second part: what a device can do at most, and which of its limits binds which layer."""

from tensor_io import cases, read_json, write_json

LIMITS = ("compute", "memory", "overhead")


def work(layer, bytes_per_number):
    """(operations, bytes) of a convolution with stride 1 whose result is as large as its input."""
    places = layer["height"] * layer["width"]
    #@fade 3 en: one output channel sees the inputs of its own group; a multiply-add is two operations | zh-Hans: 一个输出通道只看自己那一组的输入；一次乘加是两次运算
    #@instead operations = places
    weights = layer["outputs"] * (layer["inputs"] // layer["groups"]) * layer["kernel"] ** 2
    operations = 2 * weights * places
    #@end
    #@fade 3 en: input, result and weights are moved once each | zh-Hans: 输入、结果和权重各搬运一次
    #@instead numbers = places
    numbers = places * (layer["inputs"] + layer["outputs"]) + weights
    #@end
    return operations, numbers * bytes_per_number


def costs(layer, device, bytes_per_number):
    """Microseconds of computing, of moving, and the fixed cost."""
    operations, size = work(layer, bytes_per_number)
    #@fade 2 en: 10^9 in a second are 10^3 in a microsecond | zh-Hans: 每秒 10^9 就是每微秒 10^3
    #@instead computing, moving = 0, 0
    computing = operations / (device["gflops"] * 1e3)
    moving = size / (device["gigabytesPerSecond"] * 1e3)
    #@end
    return computing, moving, device["overheadMicroseconds"]


def microseconds(layer, device, bytes_per_number):
    """How long a layer takes at least."""
    computing, moving, overhead = costs(layer, device, bytes_per_number)
    #@fade 3 en: computing and moving go on at the same time, the fixed cost comes on top | zh-Hans: 计算和搬运同时进行，固定开销另外加上
    #@instead return 1
    return overhead + max(computing, moving)
    #@end


def total(layers, device, bytes_per_number):
    """How long all layers take, one after the other."""
    return sum(microseconds(layer, device, bytes_per_number) for layer in layers)


for folder, output in cases():
    task = read_json(folder, "task.json")
    device, size, layers = task["device"], task["bytesPerNumber"], task["layers"]
    rows = {}
    for layer in layers:
        operations, moved = work(layer, size)
        parts = costs(layer, device, size)
        rows[layer["name"]] = {
            "intensity": operations / moved,
            "bound": LIMITS[parts.index(max(parts))],
            "microseconds": microseconds(layer, device, size),
        }
    answer = {"layers": rows}
    if task["whatIf"]:
        #@fade 3 en: the same layers on a device of which one limit is twice as good: two of them double, the overhead halves | zh-Hans: 同样的层，放到某一项限制好一倍的设备上：前两项加倍，开销减半
        #@instead answer["ifTwiceAsGood"] = {limit: 1 for limit in LIMITS}
        better = {
            "compute": dict(device, gflops=2 * device["gflops"]),
            "memory": dict(device, gigabytesPerSecond=2 * device["gigabytesPerSecond"]),
            "overhead": dict(device, overheadMicroseconds=device["overheadMicroseconds"] / 2),
        }
        before = total(layers, device, size)
        gains = {limit: before / total(layers, other, size) for limit, other in better.items()}
        answer["ifTwiceAsGood"] = gains
        #@end
    write_json(output, "roofline.json", answer)
