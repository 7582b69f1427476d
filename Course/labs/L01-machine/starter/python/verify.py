"""Lab 1: what is found on a machine, and whether the model can run there."""

from tensor_io import cases, read_json, write_json


def version(text):
    """A version as numbers that can be compared: "525.60.13" becomes (525, 60, 13)."""
    #@fade 3 en: split at the dots and make numbers of the parts | zh-Hans: 按点切开，把每一段变成数
    #@instead return text
    return tuple(int(part) for part in text.split("."))
    #@end


def find(libraries, name):
    """The library of that name, such as "libnvinfer" for ".../libnvinfer.so.10.3.0"; None if it is not there."""
    for library in libraries:
        if library["path"].split("/")[-1].split(".so")[0] == name:
            return library
    return None


def fault(machine, rules):
    """The first thing that is wrong, in the order of the text."""
    #@fade 2 en: no driver at all? | zh-Hans: 根本没有驱动？
    if machine.get("driver") is None:
        return "no-device"
    #@end
    #@fade 3 en: a driver older than the one that this CUDA needs? | zh-Hans: 驱动比这个 CUDA 要求的旧？
    if version(machine["driver"]) < version(rules["minimumDriver"][rules["cuda"]]):
        return "driver-too-old"
    #@end
    found = [find(machine["libraries"], name) for name in ["libcudart"] + rules["engineLibraries"]]
    #@fade 2 en: a library that is not there? | zh-Hans: 缺哪个库？
    if None in found:
        return "library-missing"
    #@end
    #@fade 3 en: a library without a single byte in it? | zh-Hans: 有没有一个字节都没有的库？
    if any(library["bytes"] == 0 for library in found):
        return "library-empty"
    #@end
    #@fade 3 en: engine libraries of different major versions? | zh-Hans: 引擎库的主版本号不一致？
    majors = {library["path"].split(".so.")[1].split(".")[0] for library in found[1:]}
    if len(majors) > 1:
        return "versions-mixed"
    #@end
    #@fade 3 en: a model of a newer opset than this runtime reads? | zh-Hans: 模型的 opset 比运行时能读的新？
    runtime = ".".join(machine["packages"]["onnxruntime"].split(".")[:2])
    if rules["modelOpset"] > rules["highestOpset"][runtime]:
        return "opset-too-new"
    #@end
    #@fade 2 en: a cache that cannot be written? | zh-Hans: 缓存写不进去？
    if not machine["cacheWritable"]:
        return "cache-not-writable"
    #@end
    return "healthy"


for folder, output in cases():
    machine = read_json(folder, "machine.json")
    rules = read_json(folder, "rules.json")
    write_json(output, "report.json", {"fault": fault(machine, rules)})
