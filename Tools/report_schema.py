#!/usr/bin/env python3
"""Writes the JSON Schema of report documents from the Swift types that are encoded.

    Tools/report_schema.py            writes Documentation/schemas/report-2.json
    Tools/report_schema.py --check    exit code 1 where the file is not what would be written

Reads the public stored properties of every struct that `Report` reaches, with their documentation; a test
holds real documents against the result.
"""
import json, pathlib, re, sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDERS = ("Reports/Document", "Metrics", "Detectors", "Backends/Memory", "Passes/Running",
           "Passes/Quantization", "Diagnostics")
SIMPLE = {"String": {"type": "string"}, "Bool": {"type": "boolean"}, "Double": {"type": "number"},
          "Float": {"type": "number"}, **{name: {"type": "integer"} for name in (
              "Int", "Int64", "Int32", "UInt64", "UInt32", "UInt8")}}
# What is not encoded property by property.
SPECIAL = {
    "Diagnostic.ID": {"type": "string", "description": "`area.kebab-problem`."},
    "Diagnostic.Location": {"type": "object", "description": "One key, which names the kind of place.",
                            "minProperties": 1, "maxProperties": 1},
}
DECLARATION = re.compile(
    r"^(\s*)(?:public |package |fileprivate |private |indirect |final )*(struct|enum|class|extension|protocol|actor)\s+([\w.]+)")
PROPERTY = re.compile(r"^\s*(?:public |package )(?:internal\(set\) |package\(set\) |private\(set\) )?(?:var|let) "
                      r"(\w+)(?:: ([^={]+?))?(?: = ([^{]*))?$")


class Type:
    def __init__(self, name, kind):
        self.name, self.kind, self.words, self.properties, self.cases, self.keys = name, kind, "", {}, [], None


def read_types():
    types = {}
    for folder in FOLDERS:
        for path in sorted((ROOT / "Sources" / folder).rglob("*.swift")):
            read_file(path.read_text(), types)
    return types


def read_file(text, types):
    stack, words, depth = [], [], 0
    for line in text.splitlines():
        stripped = line.strip()
        if stripped.startswith("///"):
            words.append(stripped[3:].strip())
            continue
        code = re.sub(r'"(?:\\.|[^"\\])*"', '""', stripped.split("//")[0])
        while stack and depth <= stack[-1][1] and not code.startswith("}"):
            stack.pop()
        current = stack[-1][0] if stack else None
        declared = DECLARATION.match(line)
        if declared and code.endswith(("{", "{}")):
            _, kind, name = declared.groups()
            outer = current.name + "." if current is not None else ""
            if name == "CodingKeys" and current is not None:
                current.keys = {}
                entry = Type(outer + name, "keys")
            else:
                entry = types.setdefault(outer + name, Type(outer + name, kind))
            if kind != "extension":
                entry.kind, entry.words = "keys" if name == "CodingKeys" else kind, " ".join(words)
                entry.raw = ": String" in line
            if not code.endswith("{}"):
                stack.append((entry, depth))
        elif current is not None and depth == stack[-1][1] + 1:
            read_member(current, stack, stripped, code, " ".join(words), types)
        words = []
        depth += code.count("{") - code.count("}")
        while stack and depth <= stack[-1][1]:
            stack.pop()


def read_member(current, stack, line, code, words, types):
    case = re.match(r"case (.+)$", line)
    if case and current.kind == "keys":
        owner = stack[-2][0]
        for part in case[1].split(","):
            name, _, raw = part.partition("=")
            owner.keys[name.strip()] = raw.strip().strip('"') or name.strip()
    elif case and current.kind == "enum":
        for part in case[1].split(","):
            name, _, raw = part.partition("=")
            current.cases.append(raw.strip().strip('"') or name.strip())
    elif current.kind in ("struct", "extension") and (found := PROPERTY.match(line)):
        name, kind, default = found.groups()
        if code.startswith(("public static", "package static")) or current.kind == "extension":
            return
        current.properties[name] = (kind or guess(default), words)


def guess(default):
    if default in ("true", "false"):
        return "Bool"
    if default and re.fullmatch(r"-?\d+", default):
        return "Int"
    if default and re.fullmatch(r"-?[\d.]+", default):
        return "Double"
    return "String" if default and default.startswith('"') else "Int"


class Schema:
    def __init__(self, types):
        self.types, self.definitions = types, {}

    def resolve(self, name, scope):
        """Nested names first, as the compiler does."""
        parts = scope.split(".") if scope else []
        for count in range(len(parts), -1, -1):
            full = ".".join(parts[:count] + [name])
            if full in SPECIAL or full in self.types and self.types[full].kind != "extension":
                return full
        sys.exit(f"report_schema: no type {name} is known in {scope}")

    def of(self, kind, scope):
        kind = kind.strip()
        if kind.endswith("?"):
            return self.of(kind[:-1], scope)
        if kind in SIMPLE:
            return dict(SIMPLE[kind])
        if kind.startswith("[") and kind.endswith("]"):
            inner, depth = kind[1:-1], 0
            for place, character in enumerate(inner):
                depth += (character == "[") - (character == "]")
                if character == ":" and depth == 0:
                    return {"type": "object", "additionalProperties": self.of(inner[place + 1:], scope)}
            return {"type": "array", "items": self.of(inner, scope)}
        full = self.resolve(kind, scope)
        if full not in self.definitions:
            self.definitions[full] = {}
            self.definitions[full] = self.define(full)
        return {"$ref": f"#/$defs/{full}"}

    def define(self, full):
        if full in SPECIAL:
            return SPECIAL[full]
        entry = self.types[full]
        words = {"description": entry.words.replace("``", "`")} if entry.words else {}
        if entry.kind == "enum":
            return {**words, "type": "string", "enum": entry.cases}
        properties, required = {}, []
        for name, (kind, text) in entry.properties.items():
            key = name if entry.keys is None else entry.keys.get(name)
            if key is None:
                continue
            schema = self.of(kind, full)
            properties[key] = {**schema, "description": text.replace("``", "`")} if text else schema
            if not kind.strip().endswith("?"):
                required.append(key)
        if full == "Report":
            required = ["schemaVersion", "command", "date", "subject"]
        return {**words, "type": "object", "properties": properties, "required": required,
                "additionalProperties": False}


def main():
    schema = Schema(read_types())
    schema.of("Report", "")
    root = schema.definitions.pop("Report")
    root["properties"]["schemaVersion"].update(minimum=1, maximum=2)
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": "urn:vitrine:report:2",
                "title": "Vitrine report, version 2", **root,
                "$defs": dict(sorted(schema.definitions.items()))}
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    path = ROOT / "Documentation" / "schemas" / "report-2.json"
    if "--check" in sys.argv[1:]:
        if not path.exists() or path.read_text() != text:
            sys.exit("report_schema: the types have changed; run Tools/report_schema.py")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    print(f"{path.relative_to(ROOT)}: {len(schema.definitions)} types")


main()
