"""Lab 20, second part: how many requests to gather, and how long the first may wait for company."""

from tensor_io import cases, read_json, write_json

BATCHES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


def serve(arrivals, task, largest, wait):
    """Runs a policy on arrivals: (sorted latencies, busy milliseconds for each request)."""
    latencies, free, busy, place = [], 0.0, 0.0, 0
    while place < len(arrivals):
        first, last = arrivals[place], place + largest - 1
        #@fade 3 en: a batch begins when the server is free, and enough requests are there or the first has waited long enough | zh-Hans: 服务器空闲，而且请求够数了、或者第一个等够了，这一批就开始
        #@instead start = max(free, first)
        full = arrivals[last] if last < len(arrivals) else float("inf")
        start = max(free, min(full, first + wait))
        #@end
        end = place
        while end < len(arrivals) and end <= last and arrivals[end] <= start:
            end += 1
        taken = task["fixedMs"] + task["eachMs"] * (end - place)
        free, busy = start + taken, busy + taken
        latencies += [free - arrival for arrival in arrivals[place:end]]
        place = end
    return sorted(latencies), busy / len(arrivals)


def tail(latencies):
    """A careful P99: 99 of 100 requests take no longer, and some more for chance."""
    #@fade 3 en: the rank that leaves one in a hundred above it, moved up by two standard deviations of such a count | zh-Hans: 留下百分之一在它之上的名次，再往上挪两个标准差
    #@instead return latencies[len(latencies) // 2]
    count = len(latencies)
    rank = 0.99 * count + 2 * (count * 0.99 * 0.01) ** 0.5
    return latencies[min(count - 1, int(rank))]
    #@end


def cheapest(arrivals, task):
    """The policy that keeps the bound with the least busy time for each request."""
    best = (float("inf"), 1, 0.0)
    for largest in BATCHES:
        for share in range(0, 17):
            wait = share / 20 * task["p99Ms"]
            latencies, cost = serve(arrivals, task, largest, wait)
            #@fade 3 en: only policies that keep the bound, with a little room: tomorrow's arrivals are others | zh-Hans: 只要守住上限的方案，并留一点余地：明天来的请求不一样
            #@instead best = (cost, largest, wait)
            if tail(latencies) <= 0.95 * task["p99Ms"]:
                best = min(best, (cost, largest, wait))
            #@end
    return best


for folder, output in cases():
    task, arrivals = read_json(folder, "task.json"), read_json(folder, "arrivals.json")
    cost, largest, wait = cheapest(arrivals, task)
    write_json(output, "policy.json", {"maxBatch": largest, "waitMs": wait})
