"""Another right answer: for each size of batch the longest wait that still keeps the bound, by halving."""

from tensor_io import cases, read_json, write_json


def replay(moments, fixed, each, size, patience):
    """The times that requests take, and the busy time of one."""
    taken, idle_from, work = [], 0.0, 0.0
    queue = list(enumerate(moments))
    at = 0
    while at < len(queue):
        begin = max(idle_from, queue[at][1])
        if at + size <= len(queue):
            begin = max(begin, min(queue[at + size - 1][1], queue[at][1] + patience))
        else:
            begin = max(begin, queue[at][1] + patience)
        group = [moment for _, moment in queue[at:at + size] if moment <= begin]
        spent = fixed + each * len(group)
        idle_from, work, at = begin + spent, work + spent, at + len(group)
        taken.extend(idle_from - moment for moment in group)
    return sorted(taken), work / len(moments)


for folder, output in cases():
    task, moments = read_json(folder, "task.json"), read_json(folder, "arrivals.json")
    bound = 0.95 * task["p99Ms"]
    found = []
    for size in (2, 4, 6, 8, 12, 16, 24, 32):
        low, high = 0.0, bound
        for _ in range(6):
            middle = (low + high) / 2
            times, cost = replay(moments, task["fixedMs"], task["eachMs"], size, middle)
            if times[int(0.9935 * len(times))] <= bound:
                low = middle
                found.append((cost, size, middle))
            else:
                high = middle
        times, cost = replay(moments, task["fixedMs"], task["eachMs"], size, 0.0)
        if times[int(0.9935 * len(times))] <= bound:
            found.append((cost, size, 0.0))
    cost, size, patience = min(found)
    write_json(output, "policy.json", {"maxBatch": size, "waitMs": patience})
