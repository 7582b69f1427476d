import Backends
import BackendsNative
import Diagnostics
import Files
import Formats
import Glibc
import Graphs
import Metrics
import Tensors

/// Lab 13: an ONNX file and a wish → a plan, built by `vitrine build`, its timing cache, and a manifest that says what it is.
///
/// `in/…/model.onnx`, `task.json`. `out/…/model.plan`, `cache.json`, `manifest.json`. The learner's plan is never run: what it says it was
/// built from and how is built again with its cache, and must become the same file, byte for byte.
struct BuildTask: CaseTask {
  static let name = "build"
  let groups = ["recipe", "broken", "cap"]
  /// Where `Scripts/setup` keeps engines.
  let cache: String

  struct Problem: Sendable {
    var group: String
    var model: [UInt8]
    var threads: Int
    /// `f32` or `bf16`.
    var precision: String
    /// The scratch memory asked for; nil where the program chooses it.
    var workspace: String?
    /// All memory that the plan may need.
    var memory: Int?
    var isBroken = false
  }

  struct Manifest: Sendable, Codable {
    struct Options: Sendable, Codable {
      var threads: Int
      var precision: String
      var workspace: String
    }
    var model: String?
    var plan: String?
    var version: String?
    var needs: String?
    var options: Options?
    var error: String?
  }

  /// What was found out about an answer.
  struct Answer: Sendable {
    var manifest = Manifest()
    var hasPlan = false
    /// Why the plan cannot be read.
    var problem: String?
    /// Options that are not those asked for.
    var wrongOptions: Set<String> = []
    /// Options that the plan says nothing of.
    var unstated: Set<String> = []
    var isOfModel = true
    /// Statements of the manifest that are not true of the files.
    var untrue: [String] = []
    var isRebuilt = true
    /// Whether building again with the cache had to time anything.
    var timesAnew = false
    var workspace = 0
    /// Values and scratch memory together.
    var memory = 0
    /// The plan's layers with the bytes of the values that are in use while each of them runs.
    var layers: [(layer: LayerInfo, bytes: Int)] = []
  }

  static let workspaces = ["1K", "4K", "16K", "64K", "256K"]
  private static let planLimit = 64 << 20

  static func bytes(_ text: String) -> Int {
    let number = Int(text.dropLast()) ?? 0
    return text.hasSuffix("M") ? number << 20 : number << 10
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    let graph = try SmallDetector.graph(side: group == "cap" ? 64 : 32, &random)
    var problem = Problem(
      group: group,
      model: try ONNXWriter.encode(graph, opset: 17),
      threads: 1 + random.index(below: 2),
      precision: ["f32", "bf16"][(index - 1) % 2],
      workspace: Self.workspaces[2 + random.index(below: 3)]
    )
    if group == "broken" {
      problem.isBroken = index % 4 != 0
      Self.damage(&problem.model, index % 4)
    }
    if group == "cap" {
      let chosen = 1 + random.index(below: 2)
      let scratch = Self.bytes(Self.workspaces[chosen])
      let peak = try Self.build(problem, options(problem, scratch)).description.memory?
        .peakByteCount
      problem.workspace = nil
      // The next size does not fit beside the values, though it would by itself.
      problem.memory = max((peak ?? 0) + scratch + scratch / 2, 4 * scratch)
    }
    return problem
  }

  /// Cuts the file short, or spoils the name of an operator.
  private static func damage(_ bytes: inout [UInt8], _ kind: Int) {
    if kind == 1 { bytes.removeLast(bytes.count / 3) }
    if kind == 2 { bytes = Array("<!DOCTYPE html><title>404</title>".utf8) }
    if kind == 3, let place = bytes.firstRange(of: Array("Transpose".utf8)) {
      bytes.replaceSubrange(place, with: Array("Transform".utf8))
    }
  }

  private struct Settings: Codable {
    var threads: Int
    var precision: String
    var workspace: String?
    var memoryBytes: Int?
    var workspaces: [String]?
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AtomicFile.write(problem.model, to: folder + "/model.onnx")
    let settings = Settings(
      threads: problem.threads,
      precision: problem.precision,
      workspace: problem.workspace,
      memoryBytes: problem.memory,
      workspaces: problem.memory.map { _ in Self.workspaces }
    )
    try AnswerFile.write(settings, folder, "task.json")
  }

  func options(_ problem: Problem, _ scratch: Int) -> PlanBuildOptions {
    var options = PlanBuildOptions()
    options.threadCount = problem.threads
    options.precision = problem.precision == "f32" ? .float32 : .bfloat16
    options.workspaceByteCount = scratch
    // How values lie is known without timing anything.
    options.level = 0
    return options
  }

  /// Builds in the grader; a model that is damaged throws what the command would.
  static func build(
    _ problem: Problem,
    _ options: PlanBuildOptions,
    source: PlanSource = PlanSource(name: "model.onnx"),
    backend: NativeBackend = NativeBackend()
  ) throws -> BuiltPlanFile {
    let graph = try ONNXReader.read(bytes: problem.model)
    return try Waiting.result {
      try await backend.buildPlanFile(graph, options: options, source: source) { _ in }
    }
  }

  /// A plan of the problem's model.
  func plan(_ problem: Problem) throws -> [UInt8] {
    try Self.build(problem, options(problem, 1 << 16)).bytes
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    var answer = Answer()
    answer.manifest = try AnswerFile.json(Manifest.self, folder, "manifest.json")
    let path = folder + "/model.plan"
    guard access(path, F_OK) == 0 else { return answer }
    answer.hasPlan = true
    do { try examine(&answer, path, folder, problem) } catch let error as DeployError {
      answer.problem = error.diagnostics[0].message
    }
    return answer
  }

  private func examine(
    _ answer: inout Answer,
    _ path: String,
    _ folder: String,
    _ problem: Problem
  ) throws {
    let bytes = try MappedFile.contents(of: path, limit: Self.planLimit)
    let backend = NativeBackend()
    let description = try backend.describePlan(path: path)
    let origin = try backend.planOrigin(path: path)
    let digest = problem.model.withUnsafeBytes { SHA256.hex($0) }
    answer.isOfModel = origin.source.digest == digest
    let asked = options(problem, problem.workspace.map(Self.bytes) ?? 0)
    let own = origin.options
    if own.threadCount != asked.threadCount { answer.wrongOptions.insert("threads") }
    if (own.precision ?? .float32) != asked.precision { answer.wrongOptions.insert("precision") }
    if problem.workspace != nil, own.workspaceByteCount != asked.workspaceByteCount {
      answer.wrongOptions.insert("workspace")
    }
    if own.threadCount == nil { answer.unstated.insert("threads") }
    if own.precision == nil { answer.unstated.insert("precision") }
    if own.workspaceByteCount == nil { answer.unstated.insert("workspace") }
    // A plan may say anything of itself: no sum of it overflows.
    answer.workspace = min(max(0, own.workspaceByteCount ?? 0), 1 << 40)
    answer.memory = answer.workspace + (description.memory?.peakByteCount ?? 0)
    let used = description.memory?.usedByteCounts ?? []
    answer.layers = description.layers.prefix(40).enumerated().map { index, layer in
      (layer, used.indices.contains(index) ? used[index] : 0)
    }
    let needs = description.facts.first { $0.name == "needs" }?.value
    let manifest = answer.manifest
    let statements: [(String, Bool)] = [
      ("model", manifest.model == digest),
      ("plan", manifest.plan == bytes.withUnsafeBytes { SHA256.hex($0) }),
      ("version", manifest.version?.isEmpty == false), ("needs", manifest.needs == needs),
      ("options.threads", manifest.options?.threads == own.threadCount),
      (
        "options.precision",
        manifest.options?.precision == (own.precision == .bfloat16 ? "bf16" : "f32")
      ),
      (
        "options.workspace",
        manifest.options.map { Self.bytes($0.workspace) } == own.workspaceByteCount
      ),
    ]
    answer.untrue = statements.filter { !$0.1 }.map(\.0)
    if !problem.isBroken { try rebuild(&answer, bytes, origin, folder, problem) }
  }

  /// Builds from what the plan says of itself, with the cache that came with it.
  private func rebuild(
    _ answer: inout Answer,
    _ bytes: [UInt8],
    _ origin: PlanOrigin,
    _ folder: String,
    _ problem: Problem
  ) throws {
    // Threads beyond those that labs ask for would only cost.
    guard (1...8).contains(origin.options.threadCount ?? 1), answer.isOfModel else { return }
    let work = try TemporaryFolder()
    let engines = cache + "/engines"
    let cache = work.path + "/cache.json"
    let given = try? MappedFile.contents(of: folder + "/cache.json", limit: 4 << 20)
    if let given { try AtomicFile.write(given, to: cache) }
    var options = origin.options
    options.timingCache = cache
    // Times are of a machine with oneDNN or of one without, as the program saw it.
    let hasLibrary = given.map { String(decoding: $0, as: UTF8.self).contains("oneDNN") } ?? false
    let backend = hasLibrary ? NativeBackend(engines: EngineFolder(engines)) : NativeBackend()
    let rebuilt = try Self.build(problem, options, source: origin.source, backend: backend)
    answer.isRebuilt = rebuilt.bytes == bytes
    answer.timesAnew = given == nil || (try? MappedFile.contents(of: cache)) != given
  }

  func reference(_ problem: Problem) throws -> Answer {
    var answer = Answer()
    answer.hasPlan = !problem.isBroken
    if problem.isBroken {
      do { _ = try ONNXReader.read(bytes: problem.model) } catch let error as DeployError {
        answer.manifest.error = error.id.rawValue
      }
      return answer
    }
    answer.workspace = try best(problem)
    answer.manifest = Manifest(
      model: problem.model.withUnsafeBytes { SHA256.hex($0) },
      options: Manifest.Options(
        threads: problem.threads,
        precision: problem.precision,
        workspace: Self.workspaces.first { Self.bytes($0) == answer.workspace } ?? ""
      )
    )
    return answer
  }

  /// The largest scratch memory that fits; what is asked for where it is.
  private func best(_ problem: Problem) throws -> Int {
    if let workspace = problem.workspace { return Self.bytes(workspace) }
    let sizes = Self.workspaces.map(Self.bytes)
    let fitting = try sizes.filter { scratch in
      let built = try Self.build(problem, options(problem, scratch))
      return scratch + (built.description.memory?.peakByteCount ?? 0) <= problem.memory ?? 0
    }
    return fitting.last ?? sizes[0]
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer.manifest, folder, "manifest.json")
  }

  func title(_ problem: Problem) -> String {
    "\(problem.model.count) B, \(problem.threads) thread(s), \(problem.precision), "
      + (problem.memory.map { "at most \($0) B" } ?? "workspace \(problem.workspace ?? "")")
  }

  func size(_ problem: Problem) -> Int { problem.model.count }
}
