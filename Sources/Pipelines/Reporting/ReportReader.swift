import Backends
import Diagnostics
import Files
import FoundationEssentials
import Reports

/// Reads report documents, which may come from anywhere.
enum ReportReader {
  /// The largest document that is read, in bytes.
  static let sizeLimit = 128 << 20

  /// Reads a document of this version or an older one, or what a plan file says of itself.
  /// - Throws: `report.too-large`, `report.unreadable`, `report.unknown-version`,
  ///   `report.inconsistent`, and IDs of `file.`.
  static func read(_ path: String) throws -> Report {
    if try PlanInspection.isPlan(path) { return try plan(path) }
    let file = try MappedFile(path: path)
    guard file.count <= sizeLimit else {
      throw DeployError(
        .reportTooLarge,
        "has \(file.count) bytes; reports have at most \(sizeLimit)",
        at: .file(path: path),
        remedy: "give a report.json that vitrine wrote"
      )
    }
    do {
      let report = try withExtendedLifetime(file) {
        try JSONDecoder().decode(Report.self, from: Data(file.bytes))
      }
      try report.checkReferences()
      return report
    } catch let error as DeployError {
      throw error.inFile(path)
    } catch {
      throw DeployError(
        .reportUnreadable,
        "is no report: \(words(error))",
        at: .file(path: path),
        remedy: "give a report.json that vitrine wrote"
      )
    }
  }

  /// What a plan file says of itself, as a document.
  private static func plan(_ path: String) throws -> Report {
    let description = try PlanInspection.describe(path)
    var report = try Report.begun("inspect", model: path, imageSize: nil, environment: [:])
    for fact in description.facts { report.environment[fact.name] = fact.value }
    report.memory = description.memory
    return report
  }

  /// What the decoder did not like and where, in one sentence.
  private static func words(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ context: DecodingError.Context) -> String {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      return path.isEmpty ? "" : " in '\(path.prefix(200))'"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "'\(key.stringValue)' is missing\(place(context))"
    case .typeMismatch(let type, let context): return "\(type) was expected\(place(context))"
    case .valueNotFound(let type, let context): return "\(type) was expected\(place(context))"
    case .dataCorrupted(let context): return "the JSON is damaged\(place(context))"
    @unknown default: return "the JSON is damaged"
    }
  }
}

extension Diagnostic.ID {
  /// A document larger than any report.
  static let reportTooLarge: Self = "report.too-large"
  /// A file that is no report.
  static let reportUnreadable: Self = "report.unreadable"
}
