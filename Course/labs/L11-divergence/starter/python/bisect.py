"""Lab 11: where do two engines first disagree, and what is wrong there?"""

import json

from talk import Talk
from tensor_io import cases, read_json, write_json

# Two engines round differently; that is no fault.
TOLERANCE = 1e-4


def close(left, right):
    """Whether two lists of numbers agree up to rounding."""
    return max(abs(a - b) for a, b in zip(left, right)) <= TOLERANCE * max(map(abs, right + [1e-9]))


def differs(reference, candidate):
    """Whether the engine under test is wrong at a node."""
    #@fade 3 en: the largest difference, compared with the largest value | zh-Hans: 最大的差，与最大的值相比
    #@instead return reference != candidate
    largest = max(max(map(abs, reference)), 1e-9)
    return max(abs(a - b) for a, b in zip(reference, candidate)) > TOLERANCE * largest
    #@end


def ancestors(steps):
    """For each node the set of all that it depends on, itself included."""
    above = {}
    for step in steps:
        #@fade 2 en: itself, and everything above what it reads | zh-Hans: 它自己，以及它读的东西之上的一切
        #@instead above[step["name"]] = {step["name"]}
        above[step["name"]] = {step["name"]}.union(*(above.get(name, set()) for name in step["inputs"]))
        #@end
    return above


def first_diverging(steps, output, look):
    """The node that is wrong although all that it reads is right. `look(node)` gives its numbers as
    (reference, candidate)."""
    above = ancestors(steps)
    suspects = set(above[output])
    #@fade 3 en: look where about half of the suspects are above; a wrong node leaves those, a right one the others | zh-Hans: 看一个上方约有一半嫌疑的节点；它错就只留上方的，它对就只留其余的
    #@instead return output
    while len(suspects) > 1:
        def above_here(name):
            return above[name] & suspects
        choices = [name for name in sorted(suspects) if len(above_here(name)) < len(suspects)]
        node = min(choices, key=lambda name: abs(2 * len(above_here(name)) - len(suspects)))
        if differs(*look(node)):
            suspects = above_here(node)
        else:
            suspects -= above_here(node)
    return suspects.pop()
    #@end


def kind_of(operator, reference, candidate, channels):
    """What is wrong at a node whose operands are right."""
    plane = len(reference) // channels
    rows = [reference[c * plane:(c + 1) * plane] for c in range(channels)]
    reversed_channels = [x for row in reversed(rows) for x in row]
    #@fade 2 en: twice as large? | zh-Hans: 是不是两倍？
    if close(candidate, [2 * x for x in reference]):
        return "doubled"
    #@end
    if operator in ("LeakyRelu", "Tanh"):
        return "activation-lost"
    if operator == "Add":
        return "operand-lost"
    #@fade 2 en: the same numbers, the channels in the other order? | zh-Hans: 数字一样，只是通道顺序倒了？
    if close(candidate, reversed_channels):
        return "channels-reversed"
    #@end
    largest = max(map(abs, reference))
    changed = [
        mine for mine, right in zip(candidate, reference) if abs(mine - right) > largest * TOLERANCE
    ]
    #@fade 3 en: all that changed is now one and the same number? | zh-Hans: 变了的那些数，现在是不是都等于同一个数？
    if len(changed) > 0 and max(changed) - min(changed) < 1e-4:
        return "saturated"
    #@end
    return "bias-lost"


for folder, output in cases():
    network = read_json(folder, "network.json")
    steps, last = network["nodes"], network["output"]
    operators = {step["name"]: step["op"] for step in steps}
    talk = Talk(folder)
    faults = []

    def bisect(steps, output):
        """Finds one fault; None where the output is right."""
        errors = json.loads(talk.ask("error")[0])
        if max(errors) <= TOLERANCE:
            return None
        #@fade 3 en: an input that shows the fault best | zh-Hans: 最能显出错误的输入
        #@instead shown = 0
        shown = errors.index(max(errors))
        #@end
        seen = {}

        def look(name):
            if name not in seen:
                answer = json.loads(talk.ask(f"tap {shown} {name}")[0])
                seen[name] = answer["reference"], answer["candidate"]
            return seen[name]

        node = first_diverging(steps, output, look)
        return node, kind_of(operators[node], *look(node), network["channels"]), shown

    for _ in range(4):
        found = bisect(steps, last)
        if found is None:
            break
        node, kind, shown = found
        faults.append({"node": node, "kind": kind, "input": shown})
        #@fade 2 en: repair it and see whether the output is right now | zh-Hans: 修好它，再看输出对了没有
        #@instead break
        talk.ask(f"repair {node} {kind}")
        #@end
    write_json(output, "faults.json", {"faults": faults})
