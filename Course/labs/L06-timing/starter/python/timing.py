"""Lab 6: how fast is a device, how sure is that, and can it be believed?"""

import math

from talk import Talk
from tensor_io import cases, read_json, write_json

# Runs that are measured, and runs before them that are not counted.
RUNS = 3000
WARM_UP = 700


def result(number):
    """What a run on this input must give."""
    return number % 2147483647 * 48271 % 2147483647


def orders_for(device, numbers):
    """Orders: the time, then for each input run, wait and the time again."""
    orders = [f"{device} now"]
    for number in numbers:
        #@fade 3 en: start it, and wait until it is done | zh-Hans: 启动它，并等到做完
        #@instead orders += [f"{device} run {number}", f"{device} now"]
        orders += [f"{device} run {number}", f"{device} wait"]
        #@end
        orders.append(f"{device} now")
    return orders


def differences(answers):
    """The times between the readings of the clock in the answers to such orders."""
    clock = [int(text) for text in answers[0::3]]
    return [after - before for before, after in zip(clock, clock[1:])]


def measure(talk, device, runs):
    """The time of each run in nanoseconds, each on an input of its own."""
    latencies = differences(talk.ask(*orders_for(device, range(1, WARM_UP + runs + 1))))
    #@fade 2 en: the first runs are not like the later ones | zh-Hans: 最初的几次和后来的不一样
    if len(latencies) > WARM_UP:
        latencies[:WARM_UP] = []
    #@end
    return latencies


def quantile(times, share):
    """The time that this share of the runs keeps: the nearest rank."""
    #@fade 3 en: sort, then take the rank that the share says | zh-Hans: 排序，再按比例取名次
    #@instead return times[0]
    ranked = sorted(times)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]
    #@end


def interval(times):
    """An interval that holds the true median at least 95 times in 100."""
    ranked, count = sorted(times), len(times)
    middle = count // 2
    #@fade 3 en: how many runs fall below the median is as in tossing a coin: so many ranks to both sides | zh-Hans: 落在中位数以下的次数就像抛硬币：向两边各取若干名次
    #@instead return [ranked[middle], ranked[middle]]
    if count:
        reach = math.ceil(2.3 * math.sqrt(count) / 2)
        return [ranked[max(0, middle - reach)], ranked[min(count - 1, middle + reach)]]
    #@end


def verdict(talk, floor):
    """Whether the device can be believed, and if not, what it does."""
    numbers = range(1, WARM_UP + 61)
    answers = talk.ask(*orders_for(0, numbers))
    given = [int(text.split()[1]) for text in answers[2::3]]
    times = differences(answers)[WARM_UP:]
    #@fade 2 en: are the results right, or those of the run before? | zh-Hans: 结果对吗，还是上一次的结果？
    stale = [result(number - 1) for number in numbers]
    if given[1:] == stale[1:]:
        return "early"
    if given != [result(number) for number in numbers]:
        return "skips"
    #@end
    fresh = quantile(times, 0.5)
    #@fade 3 en: nothing is faster than its bytes allow | zh-Hans: 再快也快不过搬运这些字节
    if fresh < floor:
        return "impossible"
    #@end
    repeated = quantile(differences(talk.ask(*orders_for(0, [1] * 60))), 0.5)
    #@fade 3 en: the same input must take as long as a new one | zh-Hans: 同一个输入应当和新输入一样慢
    if repeated < 0.9 * fresh:
        return "cached"
    #@end
    return "honest"


def under_load(talk, every, requests):
    """The times of requests that come at fixed times, whether the device is free or not."""
    warm = talk.ask(*orders_for(0, range(1, WARM_UP + 1)))
    start = int(warm[-1]) + every
    dues = [start + number * every for number in range(requests)]
    orders = []
    for number, due in enumerate(dues):
        orders += [f"0 until {due}", f"0 run {WARM_UP + 1 + number}", "0 wait", "0 now"]
    everything = talk.ask(*orders)
    times = []
    for number, due in enumerate(dues):
        answers = everything[4 * number:4 * number + 4]
        #@fade 3 en: who comes while the device is busy waits, and that counts | zh-Hans: 设备忙时来的请求要排队，排队也算时间
        #@instead times.append(int(answers[3]) - int(answers[0]))
        times.append(int(answers[3]) - due)
        #@end
    return times


for folder, output in cases():
    task = read_json(folder, "task.json")
    talk = Talk(folder)
    floor = task["bytes"] / task["bytesPerSecond"] * 1e9
    report = {}
    if task["ask"] == "median":
        times = measure(talk, 0, RUNS)
        report["p50"] = quantile(times, 0.5)
    elif task["ask"] == "tail":
        times = measure(talk, 0, RUNS)
        report["p99"] = quantile(times, 0.99)
    elif task["ask"] == "interval":
        report["intervals"] = [
            interval(measure(talk, device, 300)) for device in range(task["devices"])
        ]
    elif task["ask"] == "believe":
        report["verdict"] = verdict(talk, floor)
    else:
        times = under_load(talk, task["requestEvery"], task["requests"])
        report["p95"] = quantile(times, 0.95)
    write_json(output, "report.json", report)
