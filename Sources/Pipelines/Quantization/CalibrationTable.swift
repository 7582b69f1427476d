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
    /// The mean of each channel.
    public var means: [Float]
  }

  /// A picture that was observed.
  public struct Picture: Sendable, Hashable, Codable {
    /// Its path.
    public var path: String
    /// The SHA-256 of its file.
    public var digest: String
  }

  /// Changes with the form.
  public static let currentVersion = 2
  /// The form that this table has.
  public var version = currentVersion
  /// The model's file name.
  public var model: String
  /// The SHA-256 of the model's file: a table belongs to one model.
  public var modelDigest: String
  /// The pictures that were observed.
  public var pictures: [Picture]
  /// Height and width of the input.
  public var imageSize: [Int]
  /// The network's inputs among the values: they are never clipped.
  public var inputs: [String]
  /// Values that share one range, by name.
  public var groups: [[String]]
  /// The values, in the order of the network.
  public var entries: [Entry]

  /// The ranges that a method chooses. Pictures are bytes already, and keep all of theirs.
  public func ranges(_ method: CalibrationMethod, _ scheme: QuantizationScheme) -> [String:
    QuantizationRange]
  {
    let histograms = Dictionary(entries.map { ($0.value, $0.histogram) }) { first, _ in first }
    let grouped = Set(groups.lazy.flatMap { $0 })
    let alone = entries.map(\.value).filter { !grouped.contains($0) }.map { [$0] }
    var result: [String: QuantizationRange] = [:]
    for group in groups + alone {
      let chosen = group.contains(where: inputs.contains) ? .minmax : method
      let members = group.compactMap { histograms[$0] }
      guard let range = CalibrationHistogram.range(members, chosen, scheme) else { continue }
      for value in group { result[value] = range }
    }
    return result
  }

  /// The mean of each channel of each value.
  public var means: [String: [Float]] {
    Dictionary(entries.map { ($0.value, $0.means) }) { first, _ in first }
  }

  /// Reads a table.
  /// - Throws: `calibration.unreadable`, IDs of `file.`.
  public static func read(_ path: String) throws -> CalibrationTable {
    let file = try MappedFile(path: path)
    guard file.count < 1 << 30,
      let table = withExtendedLifetime(
        file,
        { try? JSONDecoder().decode(CalibrationTable.self, from: Data(file.bytes)) }
      ),
      table.version == currentVersion, table.entries.allSatisfy({ $0.histogram.isSound }),
      table.entries.allSatisfy({ $0.means.allSatisfy(\.isFinite) }),
      table.imageSize.count == 2, table.imageSize.allSatisfy({ (1...1 << 16).contains($0) })
    else {
      throw DeployError(
        .calibrationUnreadable,
        "is no calibration table of this version",
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

  /// Writes the scales that a method chooses as TensorRT's calibration caches have them.
  public func writeTensorRTCache(_ method: CalibrationMethod, to path: String) throws {
    try AtomicFile.write(TensorRTCache(self, method).text, to: path)
  }
}

extension CalibrationHistogram {
  /// Whether a histogram from disk can be counted with.
  var isSound: Bool {
    counts.count == Self.binCount && importances.count == Self.binCount
      && importances.allSatisfy { (0...1 << 60).contains($0) }
      && counts.allSatisfy { (0...1 << 50).contains($0) }
      && least.isFinite && greatest.isFinite && least <= greatest && (greatest - least).isFinite
      && strangeCount >= 0
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
