"""Lab 25: which comparisons are fair, and what engines take when they are."""

import json
import os
import subprocess

from tensor_io import cases, read_json, write_json


def reasons(a, b):
    """What speaks against comparing two runs; nothing where they are like with like."""
    found = []
    #@fade 3 en: six things must be alike or small: see the rules | zh-Hans: 六样东西必须相同或足够小：见规则
    if a["input"] != b["input"]:
        found.append("input")
    if a["precision"] != b["precision"]:
        found.append("precision")
    if a["threads"] != b["threads"]:
        found.append("threads")
    if min(a["warmUp"], b["warmUp"]) == 0:
        found.append("warm-up")
    if sorted(a["timed"]) != sorted(b["timed"]):
        found.append("scope")
    if max(a["difference"], b["difference"]) > 0.1:
        found.append("answers")
    #@end
    return found


def bench(network, engines, threads):
    """What `vitrine bench` says of some engines, measured in turns: its JSON document, or why it cannot."""
    command = [
        "vitrine", "bench", network, "--backend", ",".join(engines), "--threads", str(threads),
        "--duration", "0.2", "--no-history", "--json", "--quiet",
    ]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None, (done.stderr.strip() or "it does not run").splitlines()[0]
    return json.loads(done.stdout)["benchmarks"], None


def measure(network, engines, threads):
    """The median milliseconds of one run of each engine, and why others cannot run."""
    found, reason = bench(network, engines, threads)
    if reason is None:
        return {one["backend"]: one["engine"]["summary"]["p50"] for one in found}, {}
    if len(engines) == 1:
        return {}, {engines[0]: reason}
    # One of them is not there: find out which, and measure the others together.
    absent = {}
    for engine in engines:
        absent.update(measure(network, [engine], threads)[1])
    rest = [engine for engine in engines if engine not in absent]
    return (measure(network, rest, threads)[0] if rest else {}), absent


for folder, output in cases():
    if os.path.exists(os.path.join(folder, "runs.json")):
        pairs = read_json(folder, "runs.json")
        write_json(output, "answer.json", {"reasons": [reasons(pair["a"], pair["b"]) for pair in pairs]})
        continue
    task = read_json(folder, "task.json")
    network = os.path.join(folder, "network.onnx")
    ms, absent = measure(network, task["engines"], task["threads"])
    engines = {}
    for engine in ms:
        base = ms.get(task["engines"][0], ms[engine])
        #@fade 2 en: pictures per second, and how many times as fast as the first engine | zh-Hans: 每秒多少张，以及快到第一个引擎的几倍
        #@instead throughput, times = 0, 1
        throughput = 1000 / ms[engine]
        times = base / ms[engine]
        #@end
        engines[engine] = {"ms": ms[engine], "throughput": throughput, "times": times}
    #@fade 3 en: the one that takes least, and a claim that will hold when somebody measures again | zh-Hans: 用时最少的那个，以及别人重测时也成立的说法
    #@instead fastest, surely = "", 0
    fastest = min(ms, key=ms.get)
    surely = 0.8 * engines[fastest]["times"]
    #@end
    answer = {"engines": engines, "fastest": fastest, "atLeast": surely, "absent": absent}
    write_json(output, "answer.json", answer)
