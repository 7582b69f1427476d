"""Writes the checkpoints beside this file. Run: python make_fixtures.py (PyTorch and safetensors)."""
import io, os, pathlib, pickle, struct, zipfile
import numpy, torch
from torch import nn
from safetensors.torch import save_file

os.chdir(pathlib.Path(__file__).parent)
torch.manual_seed(7)


class Tiny(nn.Module):
    """Two layers, a buffer, and attributes of every plain kind."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 1, bias=False)
        self.norm = nn.BatchNorm2d(3)
        self.act = self.norm_again = None
        self.register_buffer("anchors", torch.arange(6.0).reshape(1, 3, 2))
        self.names = {0: "cat", 1: "dog"}
        self.stride = torch.tensor([8.0, 16.0])
        self.sizes = (1, 2.5, True, None)
        self.tags = {"a"}
        self.raw = b"\x00\xff"
        self.wide = 1 << 40
        self.path = pathlib.PurePosixPath("runs/train")
        self.array = numpy.array([[1, 2], [3, 4]], dtype="<f4")
        self.number = numpy.float64(0.25)


Tiny.__module__ = "models.yolo"  # a class that no reader has
import sys, types
sys.modules["models"] = types.ModuleType("models")
sys.modules["models.yolo"] = types.ModuleType("models.yolo")
sys.modules["models.yolo"].Tiny = Tiny

model = Tiny()
ema = Tiny().half()
torch.save({"epoch": 3, "model": model, "ema": None}, "zip.pt")
torch.save({"epoch": 3, "model": model, "ema": ema}, "ema.pt")
torch.save({"epoch": 3, "model": model}, "legacy.pt", _use_new_zipfile_serialization=False)
torch.save(model, "module_protocol5.pt", pickle_protocol=5)
torch.save(model.state_dict(), "state_dict.pt")
save_file({k: v.contiguous() for k, v in model.state_dict().items()}, "weights.safetensors",
          metadata={"format": "pt"})

base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
torch.save({
    "float64": base.double(), "float16": base.half(), "bfloat16": base.bfloat16(),
    "int64": base.long(), "int32": base.int(), "int16": base.short(), "int8": base.char(),
    "uint8": base.byte(), "bool": base > 5, "scalar": torch.tensor(2.5),
    "none": torch.zeros(0, 4), "transposed": base.permute(2, 0, 1), "sliced": base[:, 1:, ::2],
    "expanded": torch.tensor([1.0, 2.0]).reshape(1, 2, 1).expand(3, 2, 4),
    "whole": base, "row": base[1, 2], "parameter": nn.Parameter(base[0]),
}, "tensors.pt")

# The smallest network, for damaging: a zip of about 2 kB.
small = nn.Linear(2, 1, bias=False)
torch.save({"model": small}, "small.pt")


def archive(name, data):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo("archive/data.pkl"), data)
        z.writestr(zipfile.ZipInfo("archive/version"), b"3\n")


class Run:
    def __init__(self, function, *arguments):
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


for protocol in (0, 1, 2, 3, 4, 5):
    archive(f"hostile_system_{protocol}.pt",
            pickle.dumps({"model": Run(os.system, "touch /tmp/vitrine-was-here")}, protocol))
archive("hostile_eval.pt", pickle.dumps({"model": Run(eval, "1+1")}, 2))
archive("hostile_getattr.pt", pickle.dumps({"model": Run(getattr, pathlib.Path, "cwd")}, 4))
archive("hostile_dotted.pt", b"\x80\x04\x8c\x05torch\x8c\x17serialization.os.system\x93"
        b"\x8c\x02id\x85R.")
pathlib.Path("hostile_plain.pkl").write_bytes(pickle.dumps(Run(os.system, "id"), 4))

# Each list holds the one before twice: 2^64 values when followed.
laughs = b"\x80\x02]q\x00" + b"".join(
    b"](h" + bytes([i]) + b"h" + bytes([i]) + b"eq" + bytes([i + 1]) for i in range(64))
archive("hostile_laughs.pt", laughs + b".")
archive("hostile_deep.pt", b"\x80\x02" + b"]" * 20000 + b"a" * 19999 + b".")
archive("hostile_cycle.pt", b"\x80\x02]q\x00h\x00a.")
claim = lambda sizes, strides: pickle.PROTO + b"\x02ctorch._utils\n_rebuild_tensor_v2\n((" \
    b"X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x01tQ" \
    b"K\x00" + sizes + strides + b"\x89Ntr."
power60 = b"\x8a\x08" + struct.pack("<q", 1 << 60)
for name, strides in (("hostile_dense", b"K\x01\x85"), ("hostile_expanded", b"K\x00\x85")):
    data = b"\x80\x02}X\x05\x00\x00\x00model" + b"}X\x01\x00\x00\x00w" \
        + claim(power60 + b"\x85", strides)[2:-1].replace(b"tr", b"tR") + b"ss."
    with zipfile.ZipFile(name + ".pt", "w", zipfile.ZIP_STORED) as z:
        z.writestr(zipfile.ZipInfo("archive/data.pkl"), data)
        z.writestr(zipfile.ZipInfo("archive/data/0"), b"\x00\x00\x80\x3f")

torch.jit.script(nn.Linear(2, 1)).save("torchscript.pt")
with zipfile.ZipFile("compressed.pt", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr(zipfile.ZipInfo("archive/data.pkl"), b"\x80\x02}." + b" " * 100,
               compress_type=zipfile.ZIP_DEFLATED)
quantised = torch.quantize_per_tensor(torch.ones(2), 0.1, 0, torch.qint8)
torch.save({"model": {"w": quantised}}, "quantised.pt")

numpy.save("c_order.npy", numpy.arange(6, dtype="<f4").reshape(2, 3))
numpy.save("fortran.npy", numpy.asfortranarray(numpy.arange(24, dtype="<i8").reshape(2, 3, 4)))
numpy.save("bool.npy", numpy.array([True, False, True]))
numpy.save("big.npy", numpy.arange(3, dtype=">f4"))
numpy.save("scalar.npy", numpy.float16(1.5))
numpy.lib.format.write_array(open("version2.npy", "wb"), numpy.arange(3, dtype="u1"), (2, 0))
numpy.lib.format.write_array(open("version3.npy", "wb"), numpy.arange(3, dtype="i2"), (3, 0))
