"""Lab 20: how many threads each stage gets, and how many elements may wait between two stages."""

from tensor_io import cases, read_json, write_json


def division(stages, threads):
    """Threads of each stage, `threads` in all; each stage needs at least one."""
    workers = [1] * len(stages)
    for _ in range(threads - len(stages)):
        #@fade 3 en: which stage lets the others wait now? A stage with w threads gives a result every ms / w | zh-Hans: 现在是哪一段让别的段等？有 w 个线程的段每 ms / w 给出一个结果
        #@instead slowest = 0
        slowest = max(range(len(stages)), key=lambda index: stages[index]["ms"] / workers[index])
        #@end
        #@fade 2 en: it gets one more | zh-Hans: 给它加一个
        workers[slowest] += 1
        #@end
    return workers


for folder, output in cases():
    task = read_json(folder, "task.json")
    workers = division(task["stages"], task["threads"])
    #@fade 3 en: the fewest that still let two stages work at the same time | zh-Hans: 仍能让两段同时工作的最小值
    #@instead capacity = 100
    capacity = 1
    #@end
    write_json(output, "plan.json", {"workers": workers, "capacity": capacity})
