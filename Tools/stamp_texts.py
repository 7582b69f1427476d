#!/usr/bin/env python3
"""Notes in each Chinese section of a lab's text which English one it was written for.

Run it when a translation has been brought up to date, not before: `vitrine lab course check` reports sections whose
English text has changed since.

    Tools/stamp_texts.py Course [LAB ...]
"""
import hashlib, pathlib, re, sys

HEADING = re.compile(r"## (.*) \{#(.*)\}$")


def digests(text):
    """Section id -> first twelve digits of the SHA-256 of title and body."""
    sections, is_code = [], False
    for line in text.split("\n"):
        is_code ^= line.startswith("```")
        match = None if is_code else HEADING.match(line)
        if match:
            sections.append((match[2], match[1], []))
        elif sections and not line.startswith("<!-- src: "):
            sections[-1][2].append(line)
    joined = {i: f"{title}\n" + "\n".join(body).strip("\n") for i, title, body in sections}
    return {i: hashlib.sha256(text.encode()).hexdigest()[:12] for i, text in joined.items()}


course, wanted = pathlib.Path(sys.argv[1]), set(sys.argv[2:])
for folder in sorted(course.glob("labs/*/text")):
    if wanted and folder.parent.name not in wanted:
        continue
    english = digests((folder / "en.md").read_text())
    lines = []
    for line in (folder / "zh-Hans.md").read_text().split("\n"):
        if line.startswith("<!-- src: "):
            continue
        lines.append(line)
        if (match := HEADING.match(line)):
            lines.append(f"<!-- src: {english[match[2]]} -->")
    (folder / "zh-Hans.md").write_text("\n".join(lines))
