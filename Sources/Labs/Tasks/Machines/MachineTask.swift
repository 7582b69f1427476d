import Diagnostics
import Files
import Glibc
import Metrics

/// Lab 1: what is found on a machine → why the model will not run there, or that it will.
///
/// `in/…/machine.json`: driver, libraries with sizes, packages, the cache folder's rights. `in/…/rules.json`: what needs
/// what. `out/…/report.json`: the one fault, or `healthy`. The truth is by construction: the grader builds a healthy machine
/// and breaks one thing.
struct MachineTask: CaseTask {
  static let name = "machine"
  let groups = ["faults", "numbers", "healthy"]

  /// What can be wrong, in the order in which it is looked for.
  enum Fault: String, Sendable, Codable, CaseIterable {
    case noDevice = "no-device"
    case driverTooOld = "driver-too-old"
    case libraryMissing = "library-missing"
    case libraryEmpty = "library-empty"
    case versionsMixed = "versions-mixed"
    case opsetTooNew = "opset-too-new"
    case cacheNotWritable = "cache-not-writable"
    case healthy
  }

  struct Library: Sendable, Codable {
    var path: String
    var bytes: Int
  }

  struct Machine: Sendable, Codable {
    var driver: String?
    var libraries: [Library]
    var packages: [String: String]
    var cacheWritable: Bool
  }

  struct Rules: Sendable, Codable {
    /// Which major version of CUDA the model's engine was built for.
    var cuda: String
    var minimumDriver: [String: String]
    /// The names that must be there, all of one major version.
    var engineLibraries: [String]
    var modelOpset: Int
    var highestOpset: [String: Int]
  }

  struct Problem: Sendable {
    var machine: Machine
    var rules: Rules
    var fault: Fault
    /// What comes out where versions are compared as texts.
    var asText: Fault
  }

  struct Answer: Sendable, Codable {
    var fault: String
  }

  func problem(_ group: String, index: Int, random: inout SplitMix) throws -> Problem {
    var problem = healthy(&random)
    let faults = Fault.allCases.filter { $0 != .healthy }
    if group == "faults" { damage(&problem, faults[(index - 1) % faults.count], &random) }
    if group == "numbers" { trap(&problem, index, &random) }
    return problem
  }

  func healthy(_ random: inout SplitMix) -> Problem {
    let cuda = 11 + random.index(below: 3)
    let engine = 8 + random.index(below: 4)
    let folder = ["/usr/lib/x86_64-linux-gnu", "/opt/engine/lib", "/usr/local/lib"][
      random.index(below: 3)
    ]
    // All drivers have three digits here, so that texts and numbers agree until a trap is laid.
    let drivers = ["11": "450.80.2", "12": "525.60.13", "13": "580.65.6"]
    let minor = random.index(below: 8)
    let names = ["libnvinfer", "libnvinfer_plugin", "libnvonnxparser"]
    func library(_ name: String, _ major: Int) -> Library {
      Library(
        path: "\(folder)/\(name).so.\(major).\(minor).\(random.index(below: 9))",
        bytes: 1_000_000 + random.index(below: 90_000_000)
      )
    }
    var libraries = [library("libcudart", cuda)] + names.map { library($0, engine) }
    libraries.append(library("libstdc++", 6))
    libraries.append(library("libpng16", 16))
    for index in libraries.indices.dropFirst().reversed() {
      libraries.swapAt(index, random.index(below: index + 1))
    }
    let opset = 12 + random.index(below: 6)
    let runtime = "1.\(15 + random.index(below: 5))"
    return Problem(
      machine: Machine(
        driver:
          "\(585 + random.index(below: 20)).\(random.index(below: 90)).\(random.index(below: 20))",
        libraries: libraries,
        packages: ["onnxruntime": "\(runtime).\(random.index(below: 4))", "numpy": "1.26.4"],
        cacheWritable: true
      ),
      rules: Rules(
        cuda: "\(cuda)",
        minimumDriver: drivers,
        engineLibraries: names,
        modelOpset: opset,
        highestOpset: ["1.15": 19, "1.16": 19, "1.17": 20, "1.18": 21, "1.19": 21]
      ),
      fault: .healthy,
      asText: .healthy
    )
  }

  private func damage(_ problem: inout Problem, _ fault: Fault, _ random: inout SplitMix) {
    let names = problem.rules.engineLibraries
    let victim = names[random.index(below: names.count)]
    let index = problem.machine.libraries.firstIndex { $0.path.contains("/\(victim).so") } ?? 0
    switch fault {
    case .noDevice: problem.machine.driver = nil
    case .driverTooOld:
      problem.machine.driver = "\(400 + random.index(below: 49)).\(10 + random.index(below: 80)).1"
    case .libraryMissing: problem.machine.libraries.remove(at: index)
    case .libraryEmpty: problem.machine.libraries[index].bytes = 0
    case .versionsMixed:
      let path = problem.machine.libraries[index].path
      let parts = path.split(separator: ".so.", maxSplits: 1)
      let major = parts[1].split(separator: ".")[0]
      let other = major == "8" ? "10" : "8"
      problem.machine.libraries[index].path = "\(parts[0]).so.\(other).6.1"
    case .opsetTooNew: problem.rules.modelOpset = 22 + random.index(below: 2)
    case .cacheNotWritable: problem.machine.cacheWritable = false
    case .healthy: break
    }
    (problem.fault, problem.asText) = (fault, fault)
  }

  /// Versions of which the larger number is the smaller text.
  private func trap(_ problem: inout Problem, _ index: Int, _ random: inout SplitMix) {
    let cuda = problem.rules.cuda
    if index % 2 == 1 {
      // 1000 is newer than 9xx, and "1000" is less than "9": healthy, though texts say otherwise.
      problem.rules.minimumDriver[cuda] = "\(900 + random.index(below: 90)).30.1"
      problem.machine.driver = "\(1000 + random.index(below: 50)).2.0"
      problem.asText = .driverTooOld
    } else {
      // 525.9 is older than 525.60, and "9" is more than "60".
      problem.rules.minimumDriver[cuda] = "525.\(60 + random.index(below: 30)).13"
      problem.machine.driver = "525.9.\(20 + random.index(below: 70))"
      problem.fault = .driverTooOld
    }
  }

  func write(_ problem: Problem, to folder: String) throws {
    try AnswerFile.write(problem.machine, folder, "machine.json")
    try AnswerFile.write(problem.rules, folder, "rules.json")
  }

  func read(_ folder: String, of problem: Problem) throws -> Answer {
    let answer = try AnswerFile.json(Answer.self, folder, "report.json")
    guard Fault(rawValue: answer.fault) != nil else {
      throw AnswerFile.malformed("report.json", "names no fault of the list: '\(answer.fault)'")
    }
    return answer
  }

  func write(answer: Answer, of problem: Problem, to folder: String) throws {
    try AnswerFile.write(answer, folder, "report.json")
  }

  func reference(_ problem: Problem) throws -> Answer { Answer(fault: problem.fault.rawValue) }

  func judge(_ answer: Answer, _ expected: Answer, _ problem: Problem, _ bands: Bands) -> Judgement
  {
    let isRight = answer.fault == expected.fault
    return Judgement(
      figures: [.init(name: "wrong", value: isRight ? 0 : 1, rule: .atMost, limit: 0)],
      place: isRight ? nil : "\(answer.fault) ≠ \(expected.fault)"
    )
  }

  func title(_ problem: Problem) -> String {
    "driver \(problem.machine.driver ?? "–"), CUDA \(problem.rules.cuda), "
      + "\(problem.machine.libraries.count) libraries"
  }

  func size(_ problem: Problem) -> Int { problem.machine.libraries.count }

  var hypotheses: [Hypothesis<Problem, Answer>] {
    func blind(_ id: String, _ faults: Set<Fault>) -> Hypothesis<Problem, Answer> {
      .make(id) { problem in
        Answer(
          fault: faults.contains(problem.fault) ? Fault.healthy.rawValue : problem.fault.rawValue
        )
      }
    }
    return [
      .make("versions-as-text") { problem in Answer(fault: problem.asText.rawValue) },
      blind("empty-library-accepted", [.libraryEmpty]),
      blind("mixed-versions-accepted", [.versionsMixed]),
      blind("missing-library-accepted", [.libraryMissing]),
      blind("opset-not-looked-at", [.opsetTooNew]),
      blind("cache-not-looked-at", [.cacheNotWritable]),
      .make("always-healthy") { _ in Answer(fault: Fault.healthy.rawValue) },
    ]
  }
}
