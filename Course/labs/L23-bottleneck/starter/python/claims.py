"""Lab 23: where time goes, and what the whole gains if a part becomes twice as fast."""

from tensor_io import cases, read_json, write_json


def total(parts, mode):
    """Milliseconds of the whole; of stages that overlap, those between two results in the long run."""
    times = [part["ms"] for part in parts]
    #@fade 3 en: in turn, times add up; overlapped, who decides? | zh-Hans: 轮流进行时，时间相加；同时进行时，由谁决定？
    #@instead return 1.0
    return sum(times) if mode == "in-turn" else max(times)
    #@end


def faster(parts, names):
    """The same parts, those of these names twice as fast."""
    changed = []
    for part in parts:
        ms = part["ms"]
        #@fade 2 en: half the time for those that are named | zh-Hans: 被点名的，时间减半
        if part["name"] in names:
            ms = ms / 2
        #@end
        changed.append({"name": part["name"], "ms": ms})
    return changed


for folder, output in cases():
    task = read_json(folder, "profile.json")
    parts, mode = task["parts"], task["mode"]
    #@fade 3 en: the three parts that take most | zh-Hans: 最费时的三个部分
    #@instead hottest = parts[:3]
    hottest = sorted(parts, key=lambda part: part["ms"], reverse=True)[:3]
    #@end
    claims = []
    for names in task["asked"]:
        before, after = total(parts, mode), total(faster(parts, names), mode)
        #@fade 2 en: how many times as fast the whole becomes | zh-Hans: 整体快到几倍
        #@instead claims.append(2.0)
        claims.append(before / after)
        #@end
    write_json(output, "claims.json", {"hotspots": [part["name"] for part in hottest], "claims": claims})
