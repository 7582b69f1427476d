"""The special cases of attack.py: hostile files and odd arguments with a known answer."""

import dataclasses
import os
import pathlib
import random
import signal
import struct
import subprocess
import time
import zipfile
import zlib


@dataclasses.dataclass
class Case:
    """One run: the command, the exit codes in order, words that the message must have or not."""

    label: str
    command: list
    codes: set = dataclasses.field(default_factory=lambda: {70})
    words: tuple = ()
    absent: tuple = ()
    leaves_no: tuple = ()


# Checkpoints

def archive(path, pickle, storages=()):
    """A checkpoint as torch.save lays it out."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr("archive/data.pkl", pickle)
        file.writestr("archive/version", "3\n")
        for number, data in enumerate(storages):
            file.writestr(f"archive/data/{number}", data)
    return str(path)


def text(value):
    """A pickled string (BINUNICODE)."""
    data = value.encode()
    return b"X" + struct.pack("<I", len(data)) + data


def tensor(shape, numel):
    """A pickled float tensor of any claimed shape over storage 0."""
    def number(value):
        data = value.to_bytes(9, "little", signed=True)
        return b"\x8a" + bytes([len(data)]) + data
    storage = (b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text("0") + text("cpu")
               + number(numel) + b"tQ")
    extents = b"(" + b"".join(map(number, shape)) + b"t"
    steps = b"(" + b"".join(number(1) for _ in shape) + b"t"
    return (b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(0) + extents + steps
            + b"\x89ccollections\nOrderedDict\n)RtR")


def checkpoints(folder, a):
    proof = folder / "executed"
    command = f"touch {proof}"
    for module in ("posix", "os", "builtins"):
        name, argument = ("eval", f"__import__('os').system('{command}')") \
            if module == "builtins" else ("system", command)
        call = f"c{module}\n{name}\n".encode() + b"(" + text(argument) + b"tR"
        path = archive(folder / f"command-{module}.pt", b"\x80\x02}" + text("model") + call + b"s.")
        yield Case(f"pickle calls {module}.{name}: inspect --audit", ["inspect", path, "--audit"],
                   {0, 1, 70}, (f"{module}.{name}",), leaves_no=("executed",))
        yield Case(f"pickle calls {module}.{name}: export", ["export", path], {70},
                   (f"{module}.{name}",), leaves_no=("executed", f"command-{module}.onnx"))
        yield Case(f"pickle calls {module}.{name}: detect", ["detect", path, a.picture], {70},
                   leaves_no=("executed",))
    for label, shape, numel in [("2^60", [1 << 60], 1 << 60), ("2^32 x 2^32", [1 << 32] * 2, 4),
                                ("-1", [-1], 4), ("2^64", [1 << 64], 4)]:
        pickle = b"\x80\x02}" + text("model") + b"}" + text("w") + tensor(shape, numel) + b"ss."
        path = archive(folder / "size.pt", pickle, [bytes(16)])
        path = os.rename(path, folder / f"size-{label}.pt") or str(folder / f"size-{label}.pt")
        yield Case(f"tensor of {label} elements", ["export", path])
    deep = b"\x80\x02" + b"(" * 200_000 + b"l" * 200_000 + b"."
    yield Case("pickle nested 200,000 deep", ["inspect", archive(folder / "deep.pt", deep)])
    laughs = b"\x80\x02](K\x01K\x02eq\x00" + b"".join(
        b"0](" + b"h%c" % (i,) * 10 + b"eq%c" % (i + 1,) for i in range(40)) + b"."
    yield Case("pickle of 10^40 shared elements",
               ["inspect", archive(folder / "laughs.pt", laughs)])
    good = pathlib.Path(archive(folder / "zip.pt", b"\x80\x02}.")).read_bytes()
    for label, signature, place in [("local header", b"PK\3\4", 18), ("directory", b"PK\1\2", 20),
                                    ("offset", b"PK\1\2", 42), ("end record", b"PK\5\6", 12)]:
        data = bytearray(good)
        start = data.find(signature) + place
        data[start:start + 8] = b"\xff" * 8
        path = folder / f"zip-{label.replace(' ', '-')}.pt"
        path.write_bytes(data)
        yield Case(f"zip: {label} of 2^32 - 1", ["inspect", str(path)])
    name = b"archive/data.pkl"
    extra = struct.pack("<HHQQQ", 1, 24, 1 << 60, 1 << 60, 1 << 60)
    entry = (struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 45, 45, 0, 0, 0, 0, 0, 0xFFFFFFFF,
                         0xFFFFFFFF, len(name), len(extra), 0, 0, 0, 0, 0xFFFFFFFF) + name + extra)
    end = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 1, 1, len(entry), 0, 0)
    path = folder / "zip64.pt"
    path.write_bytes(entry + end)
    yield Case("zip64: sizes of 2^60", ["inspect", str(path)])


# ONNX

def varint(value):
    value &= (1 << 64) - 1
    result = bytearray()
    while value > 127:
        result.append(value & 127 | 128)
        value >>= 7
    return bytes(result + bytes([value]))


def number(field, value):
    return varint(field << 3) + varint(value)


def data(field, value):
    value = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(value)) + value


def constant(name, dims, raw=None, kind=7, external=None):
    """A TensorProto; kind 1 is float, 7 int64."""
    result = b"".join(number(1, d) for d in dims) + number(2, kind) + data(8, name)
    if external:
        result += data(13, data(1, "location") + data(2, external)) + number(14, 1)
    return result + (data(9, raw) if raw is not None else b"")


def integers(name, *values):
    return constant(name, [len(values)], struct.pack(f"<{len(values)}q", *values))


def integer(name, value):
    return constant(name, [], struct.pack("<q", value))


def value_info(name, dims):
    shape = b"".join(data(1, number(1, d)) for d in dims)
    return data(1, name) + data(2, data(1, number(1, 1) + data(2, shape)))


def node(kind, inputs, outputs, *attributes):
    return (b"".join(data(1, i) for i in inputs) + b"".join(data(2, o) for o in outputs)
            + data(3, outputs[0]) + data(4, kind) + b"".join(data(5, x) for x in attributes))


def value(integer_value):
    """The value of an integer attribute."""
    return number(3, integer_value) + number(20, 2)


def model(path, nodes, constants, inputs=(("x", [1, 3, 8, 8]),), output=("y", [1, 3, 8, 8])):
    graph = b"".join(data(1, n) for n in nodes) + data(2, "g")
    graph += b"".join(data(5, c) for c in constants)
    graph += b"".join(data(11, value_info(*i)) for i in inputs) + data(12, value_info(*output))
    path.write_bytes(number(1, 8) + data(7, graph) + data(8, number(2, 17)))
    return str(path)


def networks(folder, a):
    huge = 1 << 60
    identity = node("Identity", ["x"], ["y"])
    grow = {
        "ConstantOfShape": ([integers("n", 1 << 20, 1 << 14)], ["n"]),
        "Expand": ([constant("v", [1], b"\0\0\x80?", 1), integers("n", 1 << 20, 1 << 14)],
                   ["v", "n"]),
        "Tile": ([constant("v", [1, 1], b"\0\0\x80?", 1), integers("n", 1 << 20, 1 << 14)],
                 ["v", "n"]),
        "Range": ([integer("a", 0), integer("b", huge), integer("c", 1)], ["a", "b", "c"]),
    }
    for kind, (constants, inputs) in grow.items():
        chain = [node(kind, inputs, ["big"]), node("Shape", ["big"], ["s"]),
                 node("Cast", ["s"], ["f"], data(1, "to") + value(1)),
                 node("ReduceSum", ["f"], ["r"]), node("Add", ["x", "r"], ["y"])]
        path = model(folder / f"grow-{kind}.onnx", chain, constants)
        yield Case(f"{kind} of 2^34 elements or more: inspect", ["inspect", path], {0, 70})
        yield Case(f"{kind}: check on the reference", ["check", path, "--backend", "reference"],
                   {0, 1, 70})
        yield Case(f"{kind}: check", ["check", path], {0, 1, 70})
    # each result is small enough to fold, all of them together are not
    count = 4000
    chain = [node("ConstantOfShape", ["n"], [f"c{i}"]) for i in range(count)]
    chain.append(node("Sum", ["x"] + [f"c{i}" for i in range(count)], ["y"]))
    path = model(folder / "grow-many.onnx", chain, [integers("n", 1, 3, 256, 256)])
    yield Case("4000 folded megabytes", ["check", path, "--structure"], {0, 1, 70})
    for label, dims in [("2^60", [huge]), ("2^31 x 2^31 x 4", [1 << 31, 1 << 31, 4]),
                        ("-5", [-5])]:
        path = model(folder / f"dims{label[:3]}.onnx", [identity], [constant("w", dims, b"")])
        yield Case(f"constant of {label} elements", ["inspect", path])
        path = model(folder / f"in{label[:3]}.onnx", [node("Relu", ["x"], ["y"])], [],
                     [("x", dims)], ("y", dims))
        yield Case(f"input of {label} elements: check", ["check", path], {1, 70})
        yield Case(f"input of {label} elements: detect", ["detect", path, a.picture])
    chain = [node("Relu", [f"v{i}" if i else "x"], [f"v{i + 1}"]) for i in range(20_000)]
    chain.append(node("Identity", ["v20000"], ["y"]))
    yield Case("chain of 20,000 nodes", ["check", model(folder / "chain.onnx", chain, []),
               "--structure"], {0})
    body = identity
    for _ in range(3000):
        graph = data(1, body) + data(2, "g")
        body = node("If", ["x"], ["y"], data(1, "then_branch") + data(6, graph) + number(20, 5))
    yield Case("3,000 nested subgraphs", ["inspect", model(folder / "nest.onnx", [body], [])],
               {70})
    yield Case("a cycle", ["check", model(folder / "cycle.onnx", [
        node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"]),
        node("Identity", ["b"], ["y"])], []), "--structure"], {1, 70})
    (folder / "outside").write_bytes(bytes(64))
    (folder / "inside").mkdir()
    os.symlink(folder / "outside", folder / "inside" / "link")
    for label, place in [("..", "../outside"), ("absolute", str(folder / "outside")),
                         ("symbolic link", "link"), ("/dev/zero", "/dev/zero"),
                         ("missing", "none.bin")]:
        path = model(folder / "inside" / f"external-{len(label)}.onnx",
                     [node("Add", ["x", "w"], ["y"])],
                     [constant("w", [1, 1, 2, 8], kind=1, external=place)])
        yield Case(f"external data: {label}", ["inspect", path])
        yield Case(f"external data: {label}: check", ["check", path], {1, 70})
    (folder / "not.onnx").write_bytes(b"\xff" * 4096)
    yield Case("noise as ONNX", ["inspect", str(folder / "not.onnx")])


# Pictures

def png(path, width, height, rows=None):
    """A grey PNG; `rows` nil writes a header only."""
    def chunk(kind, body):
        return (struct.pack(">I", len(body)) + kind + body
                + struct.pack(">I", zlib.crc32(kind + body)))
    body = zlib.compress(b"".join(b"\0" + bytes([y & 255]) * width for y in range(rows or 0)))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"IDAT", body) + chunk(b"IEND", b""))
    return str(path)


def pictures(folder, a):
    detect = ["detect", a.model]
    for width, height in [(1 << 31, 1), ((1 << 31) - 1, (1 << 31) - 1), (0, 0), (0, 5),
                          (60_000, 60_000)]:
        path = png(folder / f"claims-{width}x{height}.png", width, height)
        yield Case(f"PNG that claims {width}x{height}", detect + [path])
    jpeg = next((p.read_bytes() for p in a.seeds if p.suffix in (".jpg", ".jpeg")), None)
    if jpeg:
        at = max(jpeg.find(b"\xff\xc0"), jpeg.find(b"\xff\xc2")) + 5
        for height, width in [(65535, 65535), (0, 0), (65500, 65500)]:
            path = folder / f"claims-{height}.jpg"
            path.write_bytes(jpeg[:at] + struct.pack(">HH", height, width) + jpeg[at + 4:])
            yield Case(f"JPEG that claims {width}x{height}", detect + [str(path)], {0, 70})
    yield Case("1x1 picture", detect + [png(folder / "one.png", 1, 1, 1)], {0})
    yield Case("1x1 picture, square", detect + [str(folder / "one.png"), "--square", "--save",
               "saved-one"], {0})
    yield Case("20000x10 picture", detect + [png(folder / "wide.png", 20000, 10, 10), "--save",
               "saved-wide", "--save-crop", "saved-wide"], {0})
    yield Case("10x20000 picture", detect + [png(folder / "tall.png", 10, 20000, 20000)], {0})
    yield Case("20000x10 picture, save on the reference", detect + [
        str(folder / "wide.png"), "--backend", "reference"], {0})
    (folder / "empty.jpg").write_bytes(b"")
    yield Case("empty picture", detect + [str(folder / "empty.jpg")])
    (folder / "nothing").mkdir()
    yield Case("empty folder", detect + [str(folder / "nothing")])
    yield Case("glob without a match", detect + [str(folder / "nothing" / "*.jpg")])
    for name in ["new\nline.png", "quote\"'.png", "emoji 🦊.png", "<script>.png", "-dash.png",
                 "a" * 250 + ".png", "[1].png"]:
        path = png(folder / name, 16, 16, 16)
        yield Case(f"picture named {name[:20]!r}", detect + [path, "--save", "saved", "--save-txt",
                   "saved", "--json"], {0})
    # a foreign network that is sure of boxes that are nowhere
    for label, values in [("NaN", [float("nan")] * 4), ("infinite", [float("inf")] * 4),
                          ("1e38", [1e38, -1e38, 1e38, 3e38])]:
        raw = struct.pack("<85f", *values, 0.9, 0.9, *[0.1] * 79)
        path = model(folder / f"boxes-{label}.onnx", [
            node("ReduceMax", ["images"], ["m"], data(1, "keepdims") + value(0)),
            node("Mul", ["m", "zero"], ["n"]), node("Add", ["n", "w"], ["output0"])],
            [constant("w", [1, 1, 85], raw, 1), constant("zero", [], bytes(4), 1)],
            [("images", [1, 3, 64, 64])], ("output0", [1, 1, 85]))
        for backend in ("reference", "onnxruntime"):
            yield Case(f"boxes of {label} on {backend}", ["detect", path, a.picture, "--backend",
                       backend, "--save", "boxes", "--save-crop", "boxes", "--save-txt", "boxes",
                       "--json"], {0, 70})
    yield Case("good picture beside a bad one", detect + [str(folder / "one.png"),
               str(folder / "empty.jpg")], {0}, ("warning",))


# Arguments and places

def places(folder, a):
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "pipe.onnx")
    os.symlink("loop.onnx", folder / "loop.onnx")
    for place in [str(folder), str(folder / "pipe"), "/dev/zero", "/dev/null", "none.pt",
                  str(folder / "pipe.onnx"), str(folder / "loop.onnx"), ""]:
        for command in (["inspect", place], ["export", place], ["check", place],
                        ["detect", place, a.picture], ["detect", a.model, place]):
            if command[0] == "detect" and place == str(folder) and command[1] == a.model:
                continue
            yield Case(f"{command[0]} on '{os.path.basename(place) or place}'", command)
    (folder / "locked").mkdir(mode=0o500)
    (folder / "file").write_bytes(b"")
    export = ["export", a.checkpoint, "--imgsz", "64", "-o"]
    for place in ["none/x.onnx", "file/x.onnx", str(folder), "/proc/x.onnx", "pipe", "",
                  "b" * 300 + ".onnx"]:
        yield Case(f"export to '{place[:20]}'", export + [place], {64, 70})
    yield Case("export onto the checkpoint itself", export + [a.checkpoint], {64, 70})
    detect = ["detect", a.model, a.picture]
    for number, place in enumerate(["pipe", str(folder)]):
        yield Case(f"export onto a {['pipe', 'folder'][number]}", export + [place], {70},
                   ("file.not-regular",))
    long = "b" * 250 + ".onnx"
    yield Case("export to a name of 255 bytes", export + [long], {0})
    for option in ("--save", "--save-txt", "--save-crop"):
        yield Case(f"{option} into a file", detect + [option, str(folder / "file")])
        yield Case(f"{option} into /proc", detect + [option, "/proc/none"])
    size = lambda *v: detect + ["--imgsz", *v]  # noqa: E731
    yield Case("--imgsz 1", size("1"), {0, 64, 70})
    yield Case("--imgsz 31", size("31"), {0, 64, 70})
    yield Case("--imgsz 100000", size("100000"), {64, 70})
    yield Case("--imgsz 2^62", size(str(1 << 62)), {64, 70})
    yield Case("--imgsz 2^70", size(str(1 << 70)), {64})
    for value in ("0", "-1", "x"):
        yield Case(f"--imgsz {value}", size(value), {64})
    for value in ("1", "31", "100000", str(1 << 62)):
        for command in (["export", a.checkpoint, "-o", "s.onnx"], ["inspect", a.checkpoint],
                        ["detect", a.checkpoint, a.picture]):
            codes = {0, 64, 70} if value == "31" else {64, 70}
            yield Case(f"{command[0]} --imgsz {value}", command + ["--imgsz", value], codes)
    yield Case("--batch 100000", export + ["s.onnx", "--batch", "100000"], {64})
    yield Case("--batch 1024 --imgsz 4096", ["export", a.checkpoint, "-o", "s.onnx", "--batch",
               "1024", "--imgsz", "4096"], {0, 64, 70})
    yield Case("--threads 0", detect + ["--threads", "0"], {64})
    yield Case("--threads 1000", detect + ["--threads", "1000"], {0, 64, 70})
    yield Case("--conf nan", detect + ["--conf", "nan"], {64})
    yield Case("--iou 7", detect + ["--iou", "7"], {64})
    yield Case("--max-det 0", detect + ["--max-det", "0"], {64})
    yield Case("--classes 999", detect + ["--classes", "999"], {64, 70}, ("999",))
    yield Case("--classes -1", detect + ["--classes", "-1"], {64, 70})
    yield Case("export --conf 5", export + ["s.onnx", "--head", "end2end", "--conf", "5"], {64, 70})
    yield Case("export --patch-limit -1", export + ["s.onnx", "--patch-limit", "-1"], {0, 64, 70})
    yield Case("export --disable-pass nonsense", export + ["s.onnx", "--disable-pass", "nonsense"],
               {64, 70}, ("nonsense",))
    yield Case("check --images none", ["check", a.model, "--inputs", "pictures", "--images",
               "none.jpg"])
    yield Case("check against a picture", ["check", a.model, "--against", a.picture])
    yield from full_disk(folder, export, detect)


def full_disk(folder, export, detect):
    """A file system of 64 KiB, where this user may mount one."""
    disk = folder / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk],
                      stderr=subprocess.DEVNULL).returncode != 0:
        return
    try:
        (disk / "ballast").write_bytes(bytes(40_000))
        yield Case("export to a full disk", export + [str(disk / "x.onnx")], {70},
                   ("file.unwritable", "No space"), leaves_no=("disk/x.onnx",))
        (disk / "ballast").write_bytes(bytes(1 << 16))
        yield Case("--save-txt to a full disk", detect + ["--save-txt", str(disk), "--conf", "0"],
                   {0, 70})
        left = sorted(p.name for p in disk.iterdir())
        print("left on the full disk:", left)
    finally:
        subprocess.run(["umount", disk])


def interruptions(folder, a):
    """Ends exports at random times; only a whole file or none may be there."""
    failures = 0
    generator = random.Random(7)
    place = folder / "interrupted"
    place.mkdir()
    for index in range(60):
        number = [signal.SIGINT, signal.SIGTERM, signal.SIGKILL][index % 3]
        process = subprocess.Popen(
            [a.vitrine, "export", a.checkpoint, "-o", place / "x.onnx", "--imgsz", "64"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(generator.random() * 0.06)
        process.send_signal(number)
        process.wait()
        left = os.listdir(place)
        size = (place / "x.onnx").stat().st_size if left == ["x.onnx"] else None
        if left not in ([], ["x.onnx"]) or size == 0:
            failures += 1
            print(f"FAILURE interruption {index} by {number.name}: left {left}")
        for name in left:
            (place / name).unlink()
    print(f"60 interruptions, {failures} failures")
    return failures


def make(folder, a):
    """Every case; files are made just before they are used."""
    yield from checkpoints(folder, a)
    yield from networks(folder, a)
    yield from pictures(folder, a)
    yield from places(folder, a)
