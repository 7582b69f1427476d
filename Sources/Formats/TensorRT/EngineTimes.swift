import Diagnostics
import Files

/// The layer times of a TensorRT engine: `trtexec --exportProfile`.
///
/// A list: first `{"count": runs}`, then `{"name", "timeMs", "averageMs", "medianMs",
/// "percentage"}` per layer. Older releases have no median.
public struct EngineTimes: Sendable, Hashable {
  /// One layer.
  public struct Layer: Sendable, Hashable {
    /// The name that the layer also has in ``EngineDescription``.
    public var name: String
    /// The median time per run in milliseconds, or the mean where no median is told.
    public var milliseconds: Double
  }

  /// The number of timed runs; 0 where it is not told.
  public var runCount: Int
  /// The layers in file order.
  public var layers: [Layer]
  /// Whether the times are medians, not means.
  public var areMedians: Bool

  private static let byteLimit = 64 << 20

  /// Reads an export.
  /// - Throws: `tensorrt.malformed`, `file.not-found`.
  public static func read(path: String) throws -> EngineTimes {
    try EngineText.parse(path, limit: byteLimit) { try parse($0) }
  }

  /// Reads the bytes of an export.
  /// - Throws: `tensorrt.malformed`.
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws -> EngineTimes {
    guard let entries = try EngineText.json(bytes).elements else {
      throw EngineText.malformed(
        "is not a list of layer times",
        remedy: "export it with trtexec --exportProfile=FILE"
      )
    }
    let runCount = entries.lazy.compactMap { $0["count"]?.integer }.first ?? 0
    var layers: [Layer] = []
    var areMedians = true
    for entry in entries {
      guard let name = entry["name"]?.text else { continue }
      let median = entry["medianMs"]?.decimal
      let sum = entry["timeMs"]?.decimal
      let mean =
        entry["averageMs"]?.decimal
        ?? (runCount > 0 ? sum.map { $0 / Double(runCount) } : nil)
      guard let time = median ?? mean, time.isFinite, time >= 0 else {
        throw EngineText.malformed("layer '\(name)' has no time of 0 or more")
      }
      if median == nil { areMedians = false }
      layers.append(Layer(name: name, milliseconds: time))
    }
    guard !layers.isEmpty else { throw EngineText.malformed("holds no layer times") }
    return EngineTimes(runCount: max(0, runCount), layers: layers, areMedians: areMedians)
  }
}
