// Lab 1, second part: what is there on the machine that this program runs on.
// Helpers: TensorIO.swift, ONNXFile.swift, Commands.swift

import Foundation

struct Ask: Decodable {
  var features: [String]
  var engines: [String]
}

struct Environment: Encodable {
  struct System: Encodable {
    var id: String
    var version: String?
  }
  struct Device: Encodable {
    var isPresent: Bool
    var driver: String?
  }
  var system: System
  var kernel: String
  var architecture: String
  var cores: Int
  var memoryMiB: Int
  var features: [String]
  var gpu: Device
  var engines: [String: String]
  var newestOpset: Int
}

/// What `vitrine doctor` says: the part of its JSON document that is needed here.
struct Report: Decodable {
  struct Row: Decodable {
    var component: String
    var found: String?
  }
  var rows: [Row]
}

/// A text without the blanks around it.
func trimmed(_ text: some StringProtocol) -> String {
  text.trimmingCharacters(in: .whitespacesAndNewlines)
}

/// A file's text; nothing where it is not there.
func text(_ path: String) -> String {
  trimmed((try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
}

/// The values by their names in a file of lines such as `NAME=value` or `name : value`. Of several with
/// one name, the first counts.
func fields(_ path: String, separator: Character) -> [String: String] {
  let lines = text(path).split(separator: "\n").map {
    $0.split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
  }
  let pairs = lines.filter { $0.count == 2 }.map { (trimmed($0[0]), trimmed($0[1])) }
  return Dictionary(pairs) { first, _ in first }
}

/// What the kernel says of itself: "-r" asks for its release, "-m" for the architecture.
func kernel(_ option: String) throws -> String { trimmed(try run(["uname", option]).checked().output) }

/// The distribution's name and version, not the kernel's.
func system() throws -> Environment.System {
  //@fade 2 en: /etc/os-release holds lines NAME=value, some values in quotation marks | zh-Hans: /etc/os-release 里是 NAME=value 的行，有的值带引号
  //@instead return Environment.System(id: "linux", version: try kernel("-r"))
  let values = fields("/etc/os-release", separator: "=").mapValues { $0.filter { $0 != "\"" && $0 != "'" } }
  return Environment.System(id: values["ID"] ?? "linux", version: values["VERSION_ID"])
  //@end
}

/// Processors that the program may run on: a bit for each in a number of hexadecimal digits.
func cores() -> Int {
  let mask = fields("/proc/self/status", separator: ":")["Cpus_allowed"] ?? ""
  return mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
}

/// All memory of the machine in MiB.
func memory() -> Int {
  //@fade 3 en: MemTotal of /proc/meminfo, which is in KiB | zh-Hans: /proc/meminfo 里的 MemTotal，单位是 KiB
  //@instead return 0
  let total = fields("/proc/meminfo", separator: ":")["MemTotal"] ?? ""
  let kib = Int(total.prefix(while: \.isNumber)) ?? 0
  return kib / 1024
  //@end
}

/// Those of the asked instruction sets that the processor really has.
func features(_ asked: [String]) -> [String] {
  //@fade 3 en: /proc/cpuinfo lists them, on ARM under another heading | zh-Hans: /proc/cpuinfo 会列出来，ARM 上标题不同
  //@instead return asked
  let values = fields("/proc/cpuinfo", separator: ":")
  let there = (values["flags"] ?? values["Features"] ?? "").split(separator: " ").map(String.init)
  return asked.filter(there.contains)
  //@end
}

/// Whether there is a graphics processor of NVIDIA, and the version of its driver.
func gpu() -> Environment.Device {
  //@fade 3 en: devices on the bus state their vendor (0x10de) and class (0x03...); a loaded driver states its version | zh-Hans: 总线上的设备会写明厂商（0x10de）和类别（0x03…）；已加载的驱动会写明版本
  //@instead let isPresent = true
  let bus = "/sys/bus/pci/devices"
  let names = (try? FileManager.default.contentsOfDirectory(atPath: bus)) ?? []
  let isPresent = names.contains { name in
    text("\(bus)/\(name)/vendor") == "0x10de" && text("\(bus)/\(name)/class").hasPrefix("0x03")
  }
  //@end
  let driver = text("/sys/module/nvidia/version")
  return Environment.Device(isPresent: isPresent, driver: driver.isEmpty ? nil : driver)
}

/// The versions of the engines that can really be opened.
func engines(_ asked: [String]) throws -> [String: String] {
  //@fade 3 en: a file's name proves nothing: `vitrine doctor --json` opens each library and asks it | zh-Hans: 文件名证明不了什么：vitrine doctor --json 会真的打开每个库去问
  //@instead return [:]
  let rows = try doctor().rows.filter { asked.contains($0.component) }
  let found = rows.compactMap { row in row.found.map { (row.component, $0) } }
  return Dictionary(found) { $1 }.mapValues { version in
    String(version.prefix { $0.isNumber || $0 == "." })
  }
  //@end
}

/// The report of `vitrine doctor`.
func doctor() throws -> Report { try run(["vitrine", "doctor", "--json", "--quiet"]).json(Report.self) }

/// The newest operator set that vitrine reads: tried, not believed.
func newestOpset() throws -> Int {
  var model = Model()
  model.inputs = [Value(name: "x", shape: [1])]
  model.outputs = [Value(name: "y", shape: [1])]
  model.nodes = [Node(op: "Relu", name: "y", inputs: ["x"], outputs: ["y"])]
  var newest = 13
  //@fade 3 en: write the same small file for one set after the other; the first that is refused ends the search | zh-Hans: 用同一个小文件逐个换算子集版本去试；第一个被拒绝时就停
  //@instead newest = max(newest, model.opset)
  for opset in 14..<60 {
    model.opset = opset
    try writeONNX(".", "probe.onnx", model)
    // The file holds no detector, which is another complaint.
    if try run(["vitrine", "inspect", "probe.onnx"]).errors.contains("unsupported-opset") { break }
    newest = opset
  }
  //@end
  return newest
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let asked = try readJSON(Ask.self, folder, "ask.json")
      let environment = Environment(
        system: try system(),
        kernel: try kernel("-r"),
        architecture: try kernel("-m"),
        cores: cores(),
        memoryMiB: memory(),
        features: features(asked.features),
        gpu: gpu(),
        engines: try engines(asked.engines),
        newestOpset: try newestOpset()
      )
      try writeJSON(output, "env.json", environment)
    }
  }
}
