import Images

extension MachineTask.Machine {
  /// Everything that is wrong, as `MachineTask.Fault` lists it.
  func faults(_ rules: MachineTask.Rules) -> Set<MachineTask.Fault> {
    var found: Set<MachineTask.Fault> = []
    func version(_ text: String) -> [Int] { text.split(separator: ".").map { Int($0) ?? 0 } }
    if let driver {
      let needed = version(rules.minimumDriver[rules.cuda] ?? "0")
      if version(driver).lexicographicallyPrecedes(needed) { found.insert(.driverTooOld) }
    } else {
      found.insert(.noDevice)
    }
    let engines = rules.engineLibraries.compactMap(library)
    if engines.count < rules.engineLibraries.count || library("libcudart") == nil {
      found.insert(.libraryMissing)
    }
    if (engines + [library("libcudart")].compactMap { $0 }).contains(where: { $0.bytes == 0 }) {
      found.insert(.libraryEmpty)
    }
    if Set(engines.map(\.major)).count > 1 { found.insert(.versionsMixed) }
    let runtime = (packages["onnxruntime"] ?? "").split(separator: ".").prefix(2)
    if rules.modelOpset > rules.highestOpset[runtime.joined(separator: ".")] ?? 0 {
      found.insert(.opsetTooNew)
    }
    if !cacheWritable { found.insert(.cacheNotWritable) }
    return found
  }

  /// A library by its name without `.so`.
  func library(_ name: String) -> MachineTask.Library? {
    libraries.first { $0.path.contains("/\(name).so") }
  }
}

extension MachineTask.Library {
  /// The number behind `.so.`.
  var major: Substring {
    path.split(separator: ".so.", maxSplits: 1).last?.prefix { $0 != "." } ?? ""
  }
}

extension MachineTask {
  /// What stands on what, from the driver upwards.
  static let chain = [
    ("driver", []), ("cudart", ["driver"]), ("nvinfer", ["cudart"]), ("plugin", ["cudart"]),
    ("parser", ["cudart"]), ("cache", ["nvinfer"]), ("runtime", ["nvinfer", "plugin", "parser"]),
    ("model", ["runtime"]),
  ].map { StructurePicture.Node(name: $0.0, inputs: $0.1) }

  private static let places = [
    "libcudart": "cudart", "libnvinfer": "nvinfer", "libnvinfer_plugin": "plugin",
    "libnvonnxparser": "parser",
  ]

  /// The parts of the chain that a fault is about, on a machine.
  static func marks(
    _ faults: Set<Fault>,
    _ machine: Machine,
    _ rules: Rules
  ) -> [String: StructurePicture.Mark] {
    var marks: [String: StructurePicture.Mark] = [:]
    let isReal = machine.faults(rules)
    for fault in faults {
      switch fault {
      case .noDevice: marks["driver"] = .missing
      case .driverTooOld: marks["driver"] = .wrong
      case .opsetTooNew: marks["model"] = .wrong
      case .cacheNotWritable: marks["cache"] = .wrong
      case .healthy: break
      case .libraryMissing, .libraryEmpty, .versionsMixed:
        for (name, place) in places {
          let library = machine.library(name)
          let isIt =
            fault == .libraryMissing
            ? library == nil : fault == .libraryEmpty ? library?.bytes == 0 : place != "cudart"
          // One that is not there is drawn at all of them.
          if isIt || !isReal.contains(fault) {
            marks[place] = fault == .libraryMissing ? .missing : .wrong
          }
        }
      }
    }
    return marks
  }

  /// Left the chain of parts with what is broken in it, right with what was answered.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    func marks(_ word: String) -> [String: StructurePicture.Mark] {
      let fault = Fault(rawValue: word).map { Set([$0]) } ?? []
      return Self.marks(fault, problem.machine, problem.rules)
    }
    return StructurePicture(
      Self.chain,
      [("is", marks(expected.fault)), ("answered", marks(answer.fault))]
    ).image
  }
}
