#!/usr/bin/env python3
"""Runs the built executable on damaged and hostile files, and fails where it does not end in order.

    Tools/attack.py .build/release/vitrine SEED... [--mutations N] [--prefixes N] [--jobs N]
    Tools/attack.py .build/release/vitrine SEED... --special

Seeds are small good files: .pt, .onnx, JPEG, PNG, WebP, BMP. Every case runs in a process of its
own, with limited memory (RLIMIT_AS), processor time and wall-clock time. Exit codes 0, 1 and 70
are in order; any other (a signal above all) is a failure, and its input is kept in --keep.
--special runs cases with a known answer: exit code, words in the message, files left behind.
Standard library only.
"""

import argparse
import collections
import concurrent.futures
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import attack_cases  # noqa: E402

IN_ORDER = {0, 1, 70}
PICTURES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}


def limited(arguments):
    """Limits the child's memory and processor time."""
    def apply():
        memory = arguments.memory << 20
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (arguments.seconds, arguments.seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return apply


def run(arguments, command, cwd):
    """The exit code (negative for a signal, 124 for a hang) and what was said."""
    try:
        done = subprocess.run(
            [arguments.vitrine, *command], cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limited(arguments),
            timeout=6 * arguments.seconds)
    except subprocess.TimeoutExpired:
        return 124, "no end after %d s" % (6 * arguments.seconds)
    return done.returncode, (done.stdout + done.stderr).decode("utf-8", "replace")


def mutated(data, seed):
    """One to three changes: bytes, extreme numbers, a stretch removed, doubled or zeroed."""
    generator = random.Random(seed)
    result = bytearray(data)
    for _ in range(generator.randint(1, 3)):
        if not result:
            break
        place = generator.randrange(len(result))
        length = min(generator.randint(1, 24), len(result) - place)
        kind = generator.randrange(8)
        if kind < 3:
            result[place] = generator.randrange(256)
        elif kind == 3:
            result[place] ^= 1 << generator.randrange(8)
        elif kind == 4:
            width = generator.choice([1, 2, 4, 8])
            result[place:place + width] = bytes([generator.choice([0, 255, 127, 128, 64])]) * width
        elif kind == 5:
            del result[place:place + length]
        elif kind == 6:
            result[place:place] = result[place:place + length]
        else:
            result[place:place + length] = bytes(length)
    return bytes(result)


def commands(suffix, path, index, arguments):
    """What a user could do with such a file; detect and check are rarer, being slower."""
    if suffix in PICTURES:
        return [["detect", arguments.model, path, "--imgsz", "64", "--quiet"]]
    result = [["inspect", path, "--audit"]]
    if suffix == ".onnx":
        result.append(["check", path, "--structure", "--quiet"])
        if index % 4 == 0:
            result.append(["check", path, "--quiet"])
        if index % 8 == 0:
            result.append(["detect", path, arguments.picture, "--quiet"])
    else:
        result.append(["export", path, "-o", "out.onnx", "--imgsz", "64", "--quiet"])
        if index % 16 == 0:
            result.append(["detect", path, arguments.picture, "--imgsz", "64", "--quiet"])
    return result


def damaged(arguments):
    """(label, suffix, bytes, index) of each case."""
    for seed_file in arguments.seeds:
        data = seed_file.read_bytes()
        step = max(1, len(data) // arguments.prefixes)
        for index, count in enumerate(range(0, len(data), step)):
            yield f"{seed_file.name}: first {count} bytes", seed_file.suffix, data[:count], index
        for index in range(arguments.mutations):
            label = f"{seed_file.name}: mutation {index} of seed {arguments.seed}"
            yield label, seed_file.suffix, mutated(data, arguments.seed * 1_000_003 + index), index


def attack(arguments):
    """Runs every damaged file; returns the number of failures."""
    counts = collections.Counter()
    lock = threading.Lock()
    failures = 0

    def one(case):
        nonlocal failures
        label, suffix, data, index = case
        with tempfile.TemporaryDirectory(prefix="vitrine-attack-") as folder:
            path = os.path.join(folder, "input" + suffix)
            with open(path, "wb") as file:
                file.write(data)
            for command in commands(suffix, path, index, arguments):
                code, text = run(arguments, command, folder)
                left = set(os.listdir(folder)) - {"input" + suffix}
                wrong = code not in IN_ORDER
                if code != 0 and command[0] == "export" and left:
                    wrong, text = True, f"left behind: {left}\n{text}"
                if code == 70 and "error[" not in text:
                    wrong, text = True, "exit 70 without a message\n" + text
                with lock:
                    counts[command[0], code] += 1
                    if wrong:
                        failures += 1
                        kept = arguments.keep / f"case-{failures}{suffix}"
                        arguments.keep.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(path, kept)
                        shown = " ".join(command).replace(path, str(kept))
                        print(f"FAILURE {label}: {shown} ended with {code}\n{text[-400:]}",
                              flush=True)

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        for _ in pool.map(one, damaged(arguments)):
            pass
    for (name, code), count in sorted(counts.items()):
        print(f"{name}: exit {code}: {count}")
    print(f"{sum(counts.values())} runs, {failures} failures")
    return failures


def special(arguments):
    """Runs the cases with a known answer; returns the number of failures."""
    failures = count = 0
    with tempfile.TemporaryDirectory(prefix="vitrine-attack-") as name:
        folder = pathlib.Path(name)
        for case in attack_cases.make(folder, arguments):
            if arguments.only and arguments.only not in case.label:
                continue
            count += 1
            code, text = run(arguments, case.command, folder)
            problems = []
            if code not in case.codes:
                problems.append(f"ended with {code}, not {sorted(case.codes)}")
            problems += [f"does not say '{w}'" for w in case.words if w not in text]
            problems += [f"says '{w}'" for w in case.absent if w in text]
            if code == 70 and "try:" not in text:
                problems.append("gives no remedy")
            problems += [f"{p} exists" for p in case.leaves_no if os.path.lexists(folder / p)]
            failures += bool(problems)
            state = "FAILURE" if problems else "ok"
            print(f"{state} {case.label}: {'; '.join(problems)}", flush=True)
            if problems or arguments.verbose:
                print("   " + text[-600:].replace("\n", "\n   "), flush=True)
        failures += attack_cases.interruptions(folder, arguments)
    print(f"{count} special cases, {failures} failures")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("vitrine")
    parser.add_argument("seeds", nargs="+", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("--special", action="store_true", help="cases with a known answer")
    parser.add_argument("--only", help="special cases whose label has this text")
    parser.add_argument("--verbose", action="store_true")
    parser.add_argument("--mutations", type=int, default=500)
    parser.add_argument("--prefixes", type=int, default=100, help="at most so many, evenly spread")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=10, help="processor time; 6 x by the clock")
    parser.add_argument("--memory", type=int, default=2048, help="address space in MiB")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=pathlib.Path, default=pathlib.Path("/tmp/vitrine-attack"))
    arguments = parser.parse_args()
    arguments.vitrine = os.path.abspath(arguments.vitrine)
    by_suffix = {p.suffix: p for p in reversed(arguments.seeds)}
    arguments.checkpoint = str(by_suffix.get(".pt", ""))
    pictures = [p for p in arguments.seeds if p.suffix in PICTURES]
    if not arguments.checkpoint or not pictures:
        parser.error("the seeds must include a .pt file and a picture")
    arguments.picture = str(pictures[0])
    with tempfile.TemporaryDirectory(prefix="vitrine-attack-") as folder:
        # copies, so that no case can harm the seeds
        arguments.checkpoint = shutil.copy(arguments.checkpoint, folder)
        arguments.picture = shutil.copy(arguments.picture, folder)
        arguments.model = os.path.join(folder, "model.onnx")
        export = [arguments.vitrine, "export", arguments.checkpoint, "-o", arguments.model,
                  "--imgsz", "64", "--dynamic", "size", "--quiet"]
        subprocess.run(export, check=True, stdout=subprocess.DEVNULL)
        failures = special(arguments) if arguments.special else attack(arguments)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
