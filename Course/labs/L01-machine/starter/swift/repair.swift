// Lab 1, third part: the shortest order of repairs that heals a machine.
// Helpers: TensorIO.swift

struct Machine: Decodable {
  var driver: String
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

struct Repair: Decodable {
  var name: String
  var heals: [String]
  var needs: [String]
  var causes: [String]
}

struct Order: Encodable {
  var order: [String]
}

/// A version as numbers that can be compared.
func version(_ text: String) -> [Int] { text.split(separator: ".").compactMap { Int($0) } }

/// Whether one version is older than another: the first part in which they differ decides.
func isOlder(_ a: [Int], _ b: [Int]) -> Bool { a.lexicographicallyPrecedes(b) }

/// The name of a library's file in two parts: "/usr/lib/libnvinfer.so.10.3.0" becomes
/// ("libnvinfer", "10.3.0").
func parts(_ library: Library) -> (name: String, version: String) {
  let file = library.path.split(separator: "/").last ?? ""
  let parts = file.split(separator: ".", maxSplits: 2)
  return (String(parts.first ?? ""), parts.count > 2 ? String(parts[2]) : "")
}

/// Everything that is wrong with a machine: the rules of verify, but all of them.
func faults(_ machine: Machine, _ rules: Rules) -> Set<String> {
  var found: Set<String> = []
  //@fade 3 en: look for each fault by itself, whatever else is broken | zh-Hans: 不管别的坏没坏，每种故障都单独看
  //@instead found.formUnion([])
  let minimum = rules.minimumDriver[rules.cuda] ?? ""
  if isOlder(version(machine.driver), version(minimum)) { found.insert("driver-too-old") }
  let libraries = Dictionary(machine.libraries.map { (parts($0).name, $0) }) { $1 }
  let engines = rules.engineLibraries.compactMap { libraries[$0] }
  let needed = [libraries["libcudart"]].compactMap { $0 } + engines
  if needed.count < 1 + rules.engineLibraries.count { found.insert("library-missing") }
  if needed.contains(where: { $0.bytes == 0 }) { found.insert("library-empty") }
  let majors = Set(engines.map { version(parts($0).version).first })
  if majors.count > 1 { found.insert("versions-mixed") }
  let runtime = (machine.packages["onnxruntime"] ?? "").split(separator: ".").prefix(2)
  if rules.modelOpset > rules.highestOpset[runtime.joined(separator: ".")] ?? 0 { found.insert("opset-too-new") }
  if !machine.cacheWritable { found.insert("cache-not-writable") }
  //@end
  return found
}

/// The names of the repairs, in order; as few as possible.
func plan(_ start: Set<String>, _ repairs: [Repair]) -> [String] {
  var queue: [(state: Set<String>, order: [String])] = [(start, [])]
  var seen = [start] as Set
  //@fade 3 en: breadth first through sets of faults: what can be reached in one repair, in two, ... | zh-Hans: 在故障集合之间按广度优先搜索：一步能到哪些，两步能到哪些……
  //@instead queue += []
  //@instead seen.formUnion([])
  while !queue.isEmpty {
    let (state, order) = queue.removeFirst()
    if state.isEmpty { return order }
    for repair in repairs where state.isDisjoint(with: repair.needs) {
      let after = state.subtracting(repair.heals).union(repair.causes)
      if seen.insert(after).inserted { queue.append((after, order + [repair.name])) }
    }
  }
  //@end
  return []
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let machine = try readJSON(Machine.self, folder, "machine.json")
      let rules = try readJSON(Rules.self, folder, "rules.json")
      let repairs = try readJSON([Repair].self, folder, "repairs.json")
      try writeJSON(output, "order.json", Order(order: plan(faults(machine, rules), repairs)))
    }
  }
}
