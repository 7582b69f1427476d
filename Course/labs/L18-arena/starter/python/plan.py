"""Lab 18: tensors with lifetimes share one block of memory."""

from tensor_io import cases, read_json, write_json


def are_alive_together(a, b):
    """Whether there is a step at which both must be in memory."""
    #@fade 3 en: `first` writes it, `last` still reads it: both count | zh-Hans: first 这一步写它，last 这一步还在读它：两头都算
    #@instead return True
    return a["first"] <= b["last"] and b["first"] <= a["last"]
    #@end


def aligned(value, alignment):
    """The next multiple of the alignment."""
    #@fade 2 en: round up to a multiple | zh-Hans: 向上取整到倍数
    #@instead return value
    return (value + alignment - 1) // alignment * alignment
    #@end


def plan(tensors, alignment):
    """The offset of each tensor."""
    offsets = [0] * len(tensors)
    placed = []
    #@fade 3 en: in which order are they placed best? | zh-Hans: 按什么顺序放最好？
    #@instead order = list(range(len(tensors)))
    order = sorted(range(len(tensors)), key=lambda index: (-tensors[index]["bytes"], index))
    #@end
    for index in order:
        tensor = tensors[index]
        # Those that are placed already and alive at the same time, from the lowest.
        rivals = [other for other in placed if are_alive_together(tensor, tensors[other])]
        rivals.sort(key=lambda other: offsets[other])
        offset = 0
        for other in rivals:
            #@fade 3 en: stop at a gap that is large enough; otherwise go on behind `other` | zh-Hans: 空隙够大就停在这里；否则移到 other 的后面
            #@instead offset = offset + aligned(tensors[other]["bytes"], alignment)
            if offset + tensor["bytes"] <= offsets[other]:
                break
            offset = max(offset, aligned(offsets[other] + tensors[other]["bytes"], alignment))
            #@end
        offsets[index] = offset
        placed.append(index)
    return offsets


for folder, output in cases():
    task = read_json(folder, "tensors.json")
    write_json(output, "plan.json", {"offsets": plan(task["tensors"], task["alignment"])})
