// Lab 1: what is found on a machine, and whether the model can run there.
// Helpers: TensorIO.swift

struct Machine: Decodable {
  /// The driver's version; nil where there is none.
  var driver: String?
  var libraries: [Library]
  /// Versions by names.
  var packages: [String: String]
  var cacheWritable: Bool
}

struct Library: Decodable {
  var path: String
  var bytes: Int
}

struct Rules: Decodable {
  var cuda: String
  var minimumDriver: [String: String]
  var engineLibraries: [String]
  var modelOpset: Int
  var highestOpset: [String: Int]
}

struct Report: Encodable {
  var fault: String
}

/// A version as numbers that can be compared: "525.60.13" becomes [525, 60, 13].
func version(_ text: String) -> [Int] {
  //@fade 3 en: split at the dots and make numbers of the parts | zh-Hans: 按点切开，把每一段变成数
  //@instead return []
  return text.split(separator: ".").compactMap { Int($0) }
  //@end
}

/// Whether one version is older than another: the first part in which they differ decides.
func isOlder(_ a: [Int], _ b: [Int]) -> Bool { a.lexicographicallyPrecedes(b) }

/// The name of a library's file in two parts: "/usr/lib/libnvinfer.so.10.3.0" becomes
/// ("libnvinfer", "10.3.0").
func parts(_ library: Library) -> (name: String, version: String) {
  let file = library.path.split(separator: "/").last ?? ""
  let parts = file.split(separator: ".", maxSplits: 2)
  return (String(parts.first ?? ""), parts.count > 2 ? String(parts[2]) : "")
}

/// The first thing that is wrong, in the order of the text.
func fault(_ machine: Machine, _ rules: Rules) -> String {
  //@fade 2 en: no driver at all? | zh-Hans: 根本没有驱动？
  //@instead let driver = machine.driver ?? "0"
  guard let driver = machine.driver else { return "no-device" }
  //@end
  //@fade 3 en: a driver older than the one that this CUDA needs? | zh-Hans: 驱动比这个 CUDA 要求的旧？
  //@instead _ = driver
  let needed = rules.minimumDriver[rules.cuda] ?? ""
  if isOlder(version(driver), version(needed)) { return "driver-too-old" }
  //@end
  // Those that are there, of all that are needed.
  let names = ["libcudart"] + rules.engineLibraries
  let found = names.compactMap { name in machine.libraries.first { parts($0).name == name } }
  //@fade 2 en: a library that is not there? | zh-Hans: 缺哪个库？
  if found.count < names.count { return "library-missing" }
  //@end
  //@fade 3 en: a library without a single byte in it? | zh-Hans: 有没有一个字节都没有的库？
  if found.contains(where: { $0.bytes == 0 }) { return "library-empty" }
  //@end
  //@fade 3 en: engine libraries of different major versions? | zh-Hans: 引擎库的主版本号不一致？
  //@instead _ = found
  let majors = Set(found.dropFirst().map { version(parts($0).version).first })
  if majors.count > 1 { return "versions-mixed" }
  //@end
  //@fade 3 en: a model of a newer opset than this runtime reads? | zh-Hans: 模型的 opset 比运行时能读的新？
  let runtime = (machine.packages["onnxruntime"] ?? "").split(separator: ".").prefix(2)
  if rules.modelOpset > rules.highestOpset[runtime.joined(separator: ".")] ?? 0 { return "opset-too-new" }
  //@end
  //@fade 2 en: a cache that cannot be written? | zh-Hans: 缓存写不进去？
  if !machine.cacheWritable { return "cache-not-writable" }
  //@end
  return "healthy"
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let machine = try readJSON(Machine.self, folder, "machine.json")
      let rules = try readJSON(Rules.self, folder, "rules.json")
      try writeJSON(output, "report.json", Report(fault: fault(machine, rules)))
    }
  }
}
