"""Another right answer: by shares, as Amdahl wrote it; and the bottleneck as a special case."""

from tensor_io import cases, read_json, write_json

for folder, output in cases():
    task = read_json(folder, "profile.json")
    times = {part["name"]: part["ms"] for part in task["parts"]}
    order = sorted(times, key=times.get)
    claims = []
    for names in task["asked"]:
        if task["mode"] == "in-turn":
            share = sum(times[name] for name in names) / sum(times.values())
            claims.append(1 / ((1 - share) + share / 2))
        else:
            slowest = max(times.values())
            rest = max(time * (0.5 if name in names else 1) for name, time in times.items())
            claims.append(slowest / rest)
    write_json(output, "claims.json", {"hotspots": order[-3:], "claims": claims})
