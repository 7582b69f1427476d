"""Lab 1, third part: the shortest order of repairs that heals a machine."""

from collections import deque

from tensor_io import cases, read_json, write_json


def version(text):
    """A version as numbers that can be compared."""
    return tuple(int(part) for part in text.split("."))


def faults(machine, rules):
    """Everything that is wrong with a machine: the rules of verify, but all of them."""
    found = set()
    #@fade 3 en: look for each fault by itself, whatever else is broken | zh-Hans: 不管别的坏没坏，每种故障都单独看
    if version(machine["driver"]) < version(rules["minimumDriver"][rules["cuda"]]):
        found.add("driver-too-old")
    libraries = {item["path"].split("/")[-1].split(".so")[0]: item for item in machine["libraries"]}
    needed = [libraries.get(name) for name in ["libcudart"] + rules["engineLibraries"]]
    if None in needed:
        found.add("library-missing")
    if any(item["bytes"] == 0 for item in needed if item):
        found.add("library-empty")
    if len({item["path"].split(".so.")[1].split(".")[0] for item in needed[1:] if item}) > 1:
        found.add("versions-mixed")
    if rules["modelOpset"] > rules["highestOpset"][".".join(machine["packages"]["onnxruntime"].split(".")[:2])]:
        found.add("opset-too-new")
    if not machine["cacheWritable"]:
        found.add("cache-not-writable")
    #@end
    return found


def plan(start, repairs):
    """The names of the repairs, in order; as few as possible."""
    queue, seen = deque([(frozenset(start), [])]), {frozenset(start)}
    #@fade 3 en: breadth first through sets of faults: what can be reached in one repair, in two, ... | zh-Hans: 在故障集合之间按广度优先搜索：一步能到哪些，两步能到哪些……
    while queue:
        state, order = queue.popleft()
        if not state:
            return order
        for repair in repairs:
            if state & set(repair["needs"]):
                continue
            after = (state - set(repair["heals"])) | set(repair["causes"])
            if after not in seen:
                seen.add(after)
                queue.append((after, order + [repair["name"]]))
    #@end
    return []


for folder, output in cases():
    machine, rules = read_json(folder, "machine.json"), read_json(folder, "rules.json")
    repairs = read_json(folder, "repairs.json")
    write_json(output, "order.json", {"order": plan(faults(machine, rules), repairs)})
