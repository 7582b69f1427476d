import Diagnostics
import Files
import FoundationEssentials
public import Metrics
public import Passes

/// What was observed of a network's values: enough for every method and scheme, so that choosing
/// again needs no picture.
public struct CalibrationTable: Sendable, Codable {
  /// One value.
  public struct Entry: Sendable, Codable {
    /// The value's name in the network.
    public var value: String
    /// How its elements were distributed.
    public var histogram: CalibrationHistogram
  }

  /// Changes with the form.
  public var version = 1
  /// The model's file name.
  public var model: String
  /// The SHA-256 of the model's file: a table belongs to one model.
  public var modelDigest: String
  /// The pictures that were observed.
  public var pictures: [String]
  /// Height and width of the input.
  public var imageSize: [Int]
  /// The values, in the order of the network.
  public var entries: [Entry]

  /// The ranges that a method chooses.
  public func ranges(_ method: CalibrationMethod, _ scheme: QuantizationScheme) -> [String:
    QuantizationRange]
  {
    var result: [String: QuantizationRange] = [:]
    for entry in entries { result[entry.value] = entry.histogram.range(method, scheme) }
    return result
  }

  /// Reads a table.
  /// - Throws: `calibration.unreadable`, IDs of `file.`.
  public static func read(_ path: String) throws -> CalibrationTable {
    let file = try MappedFile(path: path)
    guard file.count < 1 << 30,
      let table = try? JSONDecoder().decode(CalibrationTable.self, from: Data(file.bytes)),
      table.version == 1,
      table.entries.allSatisfy({
        $0.histogram.counts.count == CalibrationHistogram.binCount
          && $0.histogram.counts.allSatisfy { (0...1 << 50).contains($0) }
          && $0.histogram.least.isFinite && $0.histogram.greatest.isFinite
          && $0.histogram.least <= $0.histogram.greatest
      })
    else {
      throw DeployError(
        .calibrationUnreadable,
        "is no calibration table",
        at: .file(path: path),
        remedy: "make one with `vitrine calibrate`"
      )
    }
    return table
  }

  /// Writes a table, whole or not at all.
  public func write(to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try AtomicFile.write(Array(try encoder.encode(self)), to: path)
  }

  /// The table in the form of TensorRT's calibration caches: one scale for each value, the bits of a
  /// float in hexadecimal. Source: TensorRT 8.6, `IInt8Calibrator::writeCalibrationCache`.
  public func writeTensorRTCache(_ method: CalibrationMethod, to path: String) throws {
    try AtomicFile.write(tensorRTCache(method), to: path)
  }

  func tensorRTCache(_ method: CalibrationMethod) -> String {
    let kind = method == .entropy ? "EntropyCalibration2" : "MinMaxCalibration"
    var lines = ["TRT-8600-\(kind)"]
    for entry in entries {
      let range = entry.histogram.range(method, .symmetric)
      let scale = QuantizationScheme.symmetric.parameters(range).scale
      let digits = String(scale.bitPattern, radix: 16)
      lines.append("\(entry.value): \(String(repeating: "0", count: 8 - digits.count))\(digits)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

extension Diagnostic.ID {
  /// A file that is no calibration table.
  static let calibrationUnreadable: Self = "calibration.unreadable"
  /// A table that was made with another model.
  static let calibrationOtherModel: Self = "calibration.other-model"
  /// Pictures that say too little.
  static let calibrationTooFew: Self = "calibration.too-few-pictures"
  /// Values that are no numbers.
  static let calibrationNotFinite: Self = "calibration.not-finite"
}
