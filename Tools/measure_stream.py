#!/usr/bin/env python3
"""What working on pictures as a stream gains: `vitrine detect` in several ways, in turns.

  Tools/measure_stream.py VITRINE MODEL PICTURES [--rounds 10] [--save]

Each round runs every way once, in a new random order; a way is compared with the first one round by
round, so that what disturbs a whole round disturbs both. On a machine with other work the best of many
rounds says more than the middle: that is where nobody disturbed. Times are the command's own, from the first
picture's decoding to the last one's results, without loading. Also checks that all ways find the same.
"""
import argparse, json, os, random, statistics, subprocess, sys, tempfile

ways = {
    "in turn, 2 threads": ["--stream", "off", "--threads", "2"],
    "in turn, 1 thread": ["--stream", "off", "--threads", "1"],
    "stream, 1 session of 1 thread": ["--stream", "1", "--threads", "1"],
    "stream, 1 session of 2 threads": ["--stream", "1", "--threads", "2"],
    "stream, 2 sessions of 1 thread": ["--stream", "2", "--threads", "1"],
}
parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("vitrine")
parser.add_argument("model")
parser.add_argument("pictures")
parser.add_argument("--rounds", type=int, default=10)
parser.add_argument("--save", action="store_true", help="draw and write every picture, too")
parser.add_argument("--seed", type=int, default=1)
options = parser.parse_args()
generator, rates, answers = random.Random(options.seed), {name: [] for name in ways}, {}
for number in range(options.rounds):
    order = list(ways)
    generator.shuffle(order)
    for name in order:
        with tempfile.TemporaryDirectory() as folder:
            save = ["--save", folder] if options.save else []
            command = [options.vitrine, "detect", options.model, options.pictures, "--json", "-q"]
            result = json.loads(subprocess.check_output(command + ways[name] + save))
        rates[name].append(len(result["pictures"]) / result["run"]["elapsedMilliseconds"] * 1000)
        found = [(p["path"], p["detections"]) for p in result["pictures"]]
        if answers.setdefault("first", found) != found:
            sys.exit(f"{name}: found something else")
    print(f"round {number + 1}, load {os.getloadavg()[0]:.1f}:",
          ", ".join(f"{rates[n][-1]:.1f}" for n in ways), file=sys.stderr)
base = rates[next(iter(ways))]
for name, values in rates.items():
    ratios = sorted(v / b for v, b in zip(values, base))
    low, high = ratios[len(ratios) // 10], ratios[-1 - len(ratios) // 10]
    print(f"{name:32} median {statistics.median(values):6.1f}, best {max(values):6.1f} pictures/s; of the "
          f"first, round by round: median {statistics.median(ratios):.2f}, 10 to 90 % {low:.2f} to "
          f"{high:.2f}; best to best {max(values) / max(base):.2f}")
