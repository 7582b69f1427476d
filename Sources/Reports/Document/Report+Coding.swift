import Backends
public import Diagnostics
import Metrics

extension Report {
  /// Reads a document of this version or an older one; what that one did not know is absent.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let version = try values.decode(Int.self, forKey: .schemaVersion)
    guard (1...Self.schemaVersion).contains(version) else {
      throw DeployError(
        .reportVersion,
        "is a report of version \(version); this program reads 1 to \(Self.schemaVersion)",
        remedy: "use the program that wrote it, or a newer one"
      )
    }
    func list<Element: Decodable>(_ key: CodingKeys) throws -> [Element] {
      try values.decodeIfPresent([Element].self, forKey: key) ?? []
    }
    func optional<Content: Decodable>(_ key: CodingKeys) throws -> Content? {
      try values.decodeIfPresent(Content.self, forKey: key)
    }
    self.init(
      command: try values.decode(String.self, forKey: .command),
      date: try values.decode(String.self, forKey: .date),
      subject: try values.decode(Subject.self, forKey: .subject),
      environment: try optional(.environment) ?? [:]
    )
    schemaVersion = version
    stages = try list(.stages)
    graph = try optional(.graph)
    checks = try list(.checks)
    latency = try optional(.latency)
    pictures = try list(.pictures)
    accuracy = try list(.accuracy)
    benchmarks = try list(.benchmarks)
    verdicts = try list(.verdicts)
    profiles = try list(.profiles)
    frameworks = try optional(.frameworks)
    precision = try optional(.precision)
    quantization = try optional(.quantization)
    attribution = try optional(.attribution)
    structure = try optional(.structure)
    memory = try optional(.memory)
    timelines = try list(.timelines)
    diagnostics = try list(.diagnostics)
  }
}

extension Diagnostic.ID {
  /// A report whose layout this program does not know.
  public static let reportVersion: Self = "report.unknown-version"
}
