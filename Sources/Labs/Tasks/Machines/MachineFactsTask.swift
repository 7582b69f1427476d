import Diagnostics
import Formats
import FoundationEssentials
import Glibc
import Graphs
import Images
import Metrics
import Pipelines
import Synchronization
import Tensors

/// Lab 1, second part: the machine that the program runs on → what is there, field by field.
///
/// `in/…/ask.json`: which features of processors and which engines are asked about. `out/…/env.json`. The grader examines the
/// same machine in its own way: it asks the kernel, opens each library, tries each operator set.
struct MachineFactsTask: CaseTask {
  static let name = "machine-facts"
  let groups = ["real"]
  /// Where `Scripts/setup` keeps engines.
  let cache: String

  struct Problem: Sendable, Codable {
    /// As the kernel names them, such as `avx2`.
    var features: [String]
    var engines: [String]
  }

  struct Answer: Sendable, Codable {
    struct System: Sendable, Codable {
      var id: String
      var version: String?
    }
    struct Device: Sendable, Codable {
      var isPresent: Bool
      /// The version of the kernel's driver module.
      var driver: String?
    }
    var system: System
    var kernel: String
    var architecture: String
    /// Processors that the program may run on.
    var cores: Int
    var memoryMiB: Int
    /// Those of the features asked about that are there.
    var features: [String]
    /// NVIDIA's graphics processor.
    var gpu: Device
    /// The versions of the engines asked about that are there.
    var engines: [String: String]
    /// The newest operator set that `vitrine` reads.
    var newestOpset: Int
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    // Features of two architectures: no processor has them all.
    var others = [
      "avx512f", "avx512_vnni", "avx512_bf16", "avx512_vbmi", "amx_tile", "amx_int8", "asimddp",
      "i8mm",
    ]
    var features = ["avx2", "asimd"]
    for _ in 0..<4 { features.append(others.remove(at: random.index(below: others.count))) }
    for index in features.indices.dropFirst().reversed() {
      features.swapAt(index, random.index(below: index + 1))
    }
    return Problem(features: features, engines: ["onnxruntime", "openvino", "onednn", "tensorrt"])
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem, folder, "ask.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    try AnswerFile.json(Answer.self, folder, "env.json")
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "env.json")
  }

  /// What the doctor found, looked for once.
  private static let examined = Mutex<EnvironmentReport?>(nil)

  func reference(_ problem: Problem) throws -> Answer {
    let report = Self.examined.withLock { known in
      if let known { return known }
      var options = Doctor.Options()
      (options.cache, options.python) = (cache, nil)
      let report = Doctor.examine(options)
      known = report
      return report
    }
    var names = utsname()
    guard uname(&names) == 0 else {
      throw DeployError(.courseInvalidValue, "the kernel does not say what it is")
    }
    let release = Self.fields(of: "/etc/os-release")
    let pages = UInt64(max(0, sysconf(Int32(_SC_PHYS_PAGES))))
    let flags = Self.processorFlags
    return Answer(
      system: Answer.System(id: release["ID"] ?? "linux", version: release["VERSION_ID"]),
      kernel: Self.text(names.release),
      architecture: Self.text(names.machine),
      cores: Int((report.row("threads")?.found ?? "").prefix { $0.isNumber }) ?? 1,
      memoryMiB: Int((pages * UInt64(getpagesize())) >> 20),
      features: problem.features.filter(flags.contains),
      gpu: Answer.Device(
        isPresent: report.row("gpu")?.status == .ok || Self.hasDevice,
        driver: Self.line("/sys/module/nvidia/version")
      ),
      engines: problem.engines.reduce(into: [:]) { engines, name in
        guard let row = report.row(name), let found = row.found else { return }
        engines[name] = Self.version(found)
      },
      newestOpset: try Self.newestOpset()
    )
  }

  private static func text(_ bytes: some Any) -> String {
    withUnsafeBytes(of: bytes) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  private static func line(_ path: String) -> String? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.prefix { $0 != "\n" }
    return line.isEmpty ? nil : String(line)
  }

  /// `NAME=value` or `NAME="value"`, one a line.
  private static func fields(of path: String) -> [String: String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").reduce(into: [:]) { fields, line in
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { return }
      fields[String(parts[0])] = parts[1].filter { $0 != "\"" && $0 != "'" }
    }
  }

  private static var processorFlags: Set<String> {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first {
      $0.hasPrefix("flags") || $0.hasPrefix("Features")
    }
    return Set((line ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// A display controller or 3D controller of NVIDIA on the bus.
  private static var hasDevice: Bool {
    let folder = "/sys/bus/pci/devices"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.contains { name in
      line("\(folder)/\(name)/vendor") == "0x10de"
        && line("\(folder)/\(name)/class")?.hasPrefix("0x03") == true
    }
  }

  /// `2026.4.1-22982-…` → `2026.4.1`.
  static func version(_ found: String) -> String {
    String(found.prefix { $0.isNumber || $0 == "." })
  }

  /// Tries one after the other.
  private static func newestOpset() throws -> Int {
    var graph = Graph(name: "probe")
    let x = graph.addInput("x", TensorType(.float32, [1]))
    graph.markOutput(try graph.add(Relu(), [x], name: "y")[0])
    let bytes = try ONNXWriter.encode(graph, opset: 17)
    // The import of the default domain with version 17, as bytes of the file.
    let (mark, place) = ([UInt8]([0x42, 0x02, 0x10, 17]), 3)
    let starts = bytes.indices.dropLast(3).filter { Array(bytes[$0..<$0 + 4]) == mark }
    let long = [UInt8]([0x42, 0x04, 0x0A, 0x00, 0x10, 17])
    let others = bytes.indices.dropLast(5).filter { Array(bytes[$0..<$0 + 6]) == long }
    guard let at = starts.last.map({ $0 + place }) ?? others.last.map({ $0 + 5 }) else {
      throw DeployError(.courseInvalidValue, "the operator set was not found in the file")
    }
    return (7...60).last { opset in
      var other = bytes
      other[at] = UInt8(opset)
      return (try? ONNXReader.read(bytes: other)) != nil
    } ?? 0
  }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let wrong = Self.differences(answer, expected)
    var result = Judgement(figures: [
      .init(
        name: "wrong-fields",
        value: Double(wrong.count),
        rule: .atMost,
        limit: bands("wrong", or: 0)
      )
    ])
    if !result.isRight { result.place = wrong.prefix(3).map(\.words).joined(separator: "; ") }
    return result
  }

  /// The fields that are not as they are.
  static func differences(_ own: Answer, _ right: Answer) -> [(field: String, words: String)] {
    func shown(_ value: String?) -> String { value ?? "none" }
    func engines(_ answer: Answer) -> String {
      answer.engines.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        .joined(separator: ", ")
    }
    var rows = [
      (
        "system", "\(own.system.id) \(shown(own.system.version))",
        "\(right.system.id) \(shown(right.system.version))"
      ),
      ("kernel", own.kernel, right.kernel),
      ("architecture", own.architecture, right.architecture),
      ("cores", "\(own.cores)", "\(right.cores)"),
      (
        "features", own.features.sorted().joined(separator: " "),
        right.features.sorted().joined(separator: " ")
      ),
      (
        "gpu", "\(own.gpu.isPresent) \(shown(own.gpu.driver))",
        "\(right.gpu.isPresent) \(shown(right.gpu.driver))"
      ),
      ("engines", engines(own), engines(right)),
      ("newestOpset", "\(own.newestOpset)", "\(right.newestOpset)"),
    ]
    // Kernels keep some memory for themselves: sources differ by less than a per cent.
    if abs(Double(own.memoryMiB) - Double(right.memoryMiB)) > 0.01 * Double(right.memoryMiB) {
      rows.append(("memoryMiB", "\(own.memoryMiB)", "\(right.memoryMiB)"))
    }
    return rows.filter { $0.1 != $0.2 || $0.0 == "memoryMiB" }.map { row in
      (row.0, "\(row.0): \(row.1.prefix(80)) ≠ \(row.2.prefix(80))")
    }
  }

  func title(_ problem: Problem) -> String { "this machine" }
  func size(_ problem: Problem) -> Int { 1 }

  /// The fields in a row each, red where they are wrong.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let fields = [
      "system", "kernel", "architecture", "cores", "memoryMiB", "features", "gpu", "engines",
      "newestOpset",
    ]
    let wrong = Dictionary(
      Self.differences(answer, expected).map { ($0.field, $0.words) },
      uniquingKeysWith: { first, _ in first }
    )
    var chart = Chart(width: 420, height: 16 + 10 * fields.count)
    for (row, field) in fields.enumerated() {
      let words = wrong[field].map { String($0.map { $0 == "≠" ? "/" : $0 }) } ?? field
      chart.bar(row: row, from: 0, to: 0.02, wrong[field] == nil ? 2 : 1, text: "  " + words)
    }
    return chart.image
  }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    let task = self
    func shows(
      _ id: String,
      _ body: @escaping @Sendable (Answer, Answer, Problem) -> Bool
    ) -> Hypothesis<Problem, Answer> {
      .shows(id) { answer, problem in
        guard let truth = try? task.reference(problem) else { return false }
        return body(answer, truth, problem)
      }
    }
    return [
      .undo("memory-in-kib") { answer, _ in
        var answer = answer
        answer.memoryMiB /= 1024
        return answer
      },
      shows("free-for-total") { answer, truth, _ in
        let fields = Self.differences(answer, truth).map(\.field)
        return fields == ["memoryMiB"] && answer.memoryMiB < truth.memoryMiB
      },
      shows("kernel-for-system") { answer, truth, _ in
        let fields = Self.differences(answer, truth).map(\.field)
        return fields == ["system"] && answer.system.version == truth.kernel
      },
      shows("features-believed") { answer, truth, problem in
        let fields = Self.differences(answer, truth).map(\.field)
        return fields == ["features"] && Set(answer.features) == Set(problem.features)
      },
      shows("opset-not-tried") { answer, truth, _ in
        let fields = Self.differences(answer, truth).map(\.field)
        return fields == ["newestOpset"] && answer.newestOpset < truth.newestOpset
      },
      shows("gpu-assumed") { answer, truth, _ in
        let fields = Self.differences(answer, truth).map(\.field)
        return fields == ["gpu"] && answer.gpu.isPresent && !truth.gpu.isPresent
      },
    ]
  }
}
