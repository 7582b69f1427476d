"""Lab 25, third part: at which load does the order of two engines turn round?"""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def measure(network, task):
    """For each batch how many times as fast the second engine is: (at least, most likely, at most)."""
    command = [
        "vitrine", "bench", network, "--backend", ",".join(task["engines"]), "--batch",
        ",".join(map(str, task["batches"])), "--threads", str(task["threads"]), "--duration", "2",
        "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, (done.stderr.strip() or "it does not run").splitlines()[0]
    # One verdict for each batch: the second engine's time over the first's.
    verdicts = [one for one in json.loads(done.stdout)["verdicts"] if one["quantity"] == "engine"]
    times = {}
    for batch, verdict in zip(task["batches"], verdicts):
        #@fade 2 en: the question is the other way round: the first's time over the second's | zh-Hans: 问的是反过来的：第一个的时间除以第二个的
        #@instead times[batch] = (1, 1, 1)
        times[batch] = tuple(1 / max(verdict[end], 1e-9) for end in ("upper", "ratio", "lower"))
        #@end
    return times, None


def flip(times, batches):
    """The first two neighbours between which the order surely turns round; None where it does not."""
    #@fade 3 en: one interval wholly above 1, the next wholly below, or the other way round | zh-Hans: 一个区间整个在 1 以上，下一个整个在 1 以下，或者相反
    for one, two in zip(batches, batches[1:]):
        (low, _, high), (next_low, _, next_high) = times[one], times[two]
        if low > 1 > next_high or high < 1 < next_low:
            return [one, two]
    #@end
    return None


for folder, output in cases():
    task = read_json(folder, "task.json")
    times, reason = measure(os.path.join(folder, "network.onnx"), task)
    if times is None:
        write_json(output, "loads.json", {"times": {}, "flipBetween": None, "absent": reason})
        continue
    #@fade 3 en: the most likely figure of each batch | zh-Hans: 每个批次最可能的那个数
    #@instead figures = {}
    figures = {str(batch): ends[1] for batch, ends in times.items()}
    #@end
    write_json(output, "loads.json", {"times": figures, "flipBetween": flip(times, task["batches"])})
