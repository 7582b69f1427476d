"""Another right answer: the smallest gap that is large enough, in units of the alignment."""

from tensor_io import cases, read_json, write_json

for folder, output in cases():
    task = read_json(folder, "tensors.json")
    unit = task["alignment"]
    todo = []
    for number, tensor in enumerate(task["tensors"]):
        todo.append((-(-tensor["bytes"] // unit), tensor["first"], tensor["last"], number))
    done, result = [], [0] * len(todo)
    for size, first, last, number in sorted(todo, reverse=True):
        busy = sorted((at, at + length) for at, length, f, l in done if not (l < first or last < f))
        best, end = None, 0
        for begin, stop in busy:
            gap = begin - end
            if gap >= size and (best is None or gap < best[0]):
                best = (gap, end)
            end = max(end, stop)
        place = best[1] if best else end
        done.append((place, size, first, last))
        result[number] = place * unit
    write_json(output, "plan.json", {"offsets": result})
