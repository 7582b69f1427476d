import Diagnostics
import Files
import Metrics
import Passes

/// TensorRT's calibration cache: one symmetric scale for each value, as the bits of a float in
/// hexadecimal, big end first.
///
///     TRT-8600-EntropyCalibration2
///     images: 3c010a14
///
/// Source: TensorRT 8.6, `IInt8Calibrator::writeCalibrationCache`.
struct TensorRTCache {
  /// Which calibrator wrote it, such as `EntropyCalibration2`.
  var kind: String
  /// Value and scale, in the file's order.
  var scales: [(value: String, scale: Float)]

  /// The scales that a method chooses.
  init(_ table: CalibrationTable, _ method: CalibrationMethod) {
    kind = method == .entropy ? "EntropyCalibration2" : "MinMaxCalibration"
    let ranges = table.ranges(method, .symmetric)
    scales = table.entries.compactMap { entry in
      ranges[entry.value].map {
        (entry.value, QuantizationScheme.symmetric.parameters($0).scale)
      }
    }
  }

  /// Whether a file begins like one.
  static func isCache(_ path: String) throws -> Bool {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) { file.bytes.starts(with: "TRT-".utf8) }
  }

  /// Reads a cache.
  /// - Throws: `calibration.unreadable` with the line, IDs of `file.`.
  init(path: String) throws {
    let file = try MappedFile(path: path)
    func unreadable(_ message: String) -> DeployError {
      DeployError(
        .calibrationUnreadable,
        message,
        at: .file(path: path),
        remedy: "give the file that TensorRT's calibrator wrote, or `vitrine calibrate`'s table"
      )
    }
    guard file.count <= 1 << 24 else { throw unreadable("is too large for a calibration cache") }
    let text = withExtendedLifetime(file) { String(decoding: file.bytes, as: UTF8.self) }
    let lines = text.split(whereSeparator: \.isNewline)
    let head = lines.first?.split(separator: "-", omittingEmptySubsequences: false) ?? []
    guard head.count >= 3, head[0] == "TRT" else { throw unreadable("has no head TRT-…") }
    kind = head.dropFirst(2).joined(separator: "-")
    scales = []
    var known: Set<String> = []
    for (number, line) in lines.enumerated().dropFirst() {
      guard let colon = line.lastIndex(of: ":") else {
        throw unreadable("line \(number + 1) is no 'value: scale'")
      }
      let digits = line[line.index(after: colon)...].drop { $0 == " " }
      let name = String(line[..<colon])
      guard digits.utf8.count <= 8, let bits = UInt32(digits, radix: 16) else {
        throw unreadable("line \(number + 1) has no scale of hexadecimal digits")
      }
      let scale = Float(bitPattern: bits)
      guard scale.isFinite, scale > 0, scale < 1e30 else {
        throw unreadable("line \(number + 1): \(scale) is no scale")
      }
      guard known.insert(name).inserted else {
        throw unreadable("line \(number + 1): '\(name)' stands twice")
      }
      scales.append((name, scale))
    }
    guard !scales.isEmpty else { throw unreadable("holds no scale") }
  }

  /// The range of each value.
  var ranges: [String: QuantizationRange] {
    Dictionary(
      scales.map { ($0.value, QuantizationRange(lower: -127 * $0.scale, upper: 127 * $0.scale)) }
    ) { first, _ in first }
  }

  /// The file's text.
  var text: String {
    var lines = ["TRT-8600-\(kind)"]
    for (value, scale) in scales {
      let digits = String(scale.bitPattern, radix: 16)
      lines.append("\(value): \(String(repeating: "0", count: 8 - digits.count))\(digits)")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
