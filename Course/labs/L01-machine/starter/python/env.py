"""Lab 1, second part: what is there on the machine that this program runs on."""

import json
import os
import re
import subprocess

from onnx_io import write_onnx
from tensor_io import cases, read_json, write_json


def text(path):
    """A file's text; nothing where it is not there."""
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def said(*command):
    """What a program prints, and what it complains about."""
    done = subprocess.run(command, capture_output=True, text=True)
    return done.stdout, done.stderr


def system():
    """The distribution's name and version, not the kernel's."""
    #@fade 2 en: /etc/os-release holds lines NAME=value, some values in quotation marks | zh-Hans: /etc/os-release 里是 NAME=value 的行，有的值带引号
    #@instead return {"id": "linux", "version": os.uname().release}
    fields = dict(re.findall(r"""^(\w+)=["']?([^"'\n]*)["']?$""", text("/etc/os-release"), re.M))
    return {"id": fields.get("ID", "linux"), "version": fields.get("VERSION_ID")}
    #@end


def memory():
    """All memory of the machine in MiB."""
    #@fade 3 en: MemTotal of /proc/meminfo, which is in KiB | zh-Hans: /proc/meminfo 里的 MemTotal，单位是 KiB
    #@instead return 0
    kib = int(re.search(r"MemTotal: +(\d+)", text("/proc/meminfo"))[1])
    return kib // 1024
    #@end


def features(asked):
    """Those of the asked instruction sets that the processor really has."""
    #@fade 3 en: /proc/cpuinfo lists them, on ARM under another heading | zh-Hans: /proc/cpuinfo 会列出来，ARM 上标题不同
    #@instead return asked
    there = re.search(r"^(?:flags|Features)\s*:(.*)$", text("/proc/cpuinfo"), re.M)[1].split()
    return [name for name in asked if name in there]
    #@end


def gpu():
    """Whether there is a graphics processor of NVIDIA, and the version of its driver."""
    #@fade 3 en: devices on the bus state their vendor (0x10de) and class (0x03...); a loaded driver states its version | zh-Hans: 总线上的设备会写明厂商（0x10de）和类别（0x03…）；已加载的驱动会写明版本
    #@instead present = True
    bus = "/sys/bus/pci/devices"
    names = os.listdir(bus) if os.path.isdir(bus) else []
    vendors = {name: text(f"{bus}/{name}/vendor").strip() for name in names}
    present = any(vendors[name] == "0x10de" and text(f"{bus}/{name}/class").startswith("0x03") for name in names)
    #@end
    return {"isPresent": present, "driver": text("/sys/module/nvidia/version").strip() or None}


def engines(asked):
    """The versions of the engines that can really be opened."""
    #@fade 3 en: a file's name proves nothing: `vitrine doctor --json` opens each library and asks it | zh-Hans: 文件名证明不了什么：vitrine doctor --json 会真的打开每个库去问
    #@instead return {}
    rows = {row["component"]: row for row in doctor()["rows"]}
    found = {name: rows[name].get("found") for name in asked if name in rows}
    return {name: re.match(r"[\d.]+", version)[0] for name, version in found.items() if version}
    #@end


def doctor():
    """The report of `vitrine doctor`."""
    return json.loads(said("vitrine", "doctor", "--json", "--quiet")[0])


def newest_opset():
    """The newest operator set that vitrine reads: tried, not believed."""
    node = {"op": "Relu", "name": "y", "inputs": ["x"], "outputs": ["y"]}
    model = {"nodes": [node], "weights": {}, "inputs": [{"name": "x", "shape": [1]}],
             "outputs": [{"name": "y", "shape": [1]}]}
    newest = 13
    #@fade 3 en: write the same small file for one set after the other; the first that is refused ends the search | zh-Hans: 用同一个小文件逐个换算子集版本去试；第一个被拒绝时就停
    for opset in range(14, 60):
        write_onnx(".", "probe.onnx", dict(model, opset=opset))
        # The file holds no detector, which is another complaint.
        if "unsupported-opset" in said("vitrine", "inspect", "probe.onnx")[1]:
            break
        newest = opset
    #@end
    return newest


for folder, output in cases():
    asked = read_json(folder, "ask.json")
    write_json(output, "env.json", {
        "system": system(),
        "kernel": os.uname().release,
        "architecture": os.uname().machine,
        "cores": len(os.sched_getaffinity(0)),
        "memoryMiB": memory(),
        "features": features(asked["features"]),
        "gpu": gpu(),
        "engines": engines(asked["engines"]),
        "newestOpset": newest_opset(),
    })
