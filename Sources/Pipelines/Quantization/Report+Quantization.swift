import Metrics
import Reports

extension Report {
  /// The document of a command that found out something about 8-bit precision.
  static func of(
    _ record: QuantizationRecord,
    _ command: String,
    model: String,
    imageSize: [Int]? = nil,
    _ backend: BackendChoice
  ) throws -> Report {
    var report = try Report.begun(
      command,
      model: model,
      imageSize: imageSize,
      environment: Machine.facts(backend)
    )
    report.quantization = record
    return report
  }
}
