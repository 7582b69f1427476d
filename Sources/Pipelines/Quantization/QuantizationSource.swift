import Diagnostics
import Files
import Graphs
import Metrics
import Passes

/// What ranges come from: a calibration table, or a calibration cache of TensorRT.
enum QuantizationSource {
  case table(CalibrationTable)
  case cache(TensorRTCache, path: String)

  /// Opens a file; a table must be of this model.
  /// - Throws: `calibration.other-model`, `calibration.unreadable`, IDs of `file.`.
  init(_ path: String, model: String) throws {
    if try TensorRTCache.isCache(path) {
      self = .cache(try TensorRTCache(path: path), path: path)
      return
    }
    let table = try CalibrationTable.read(path)
    guard try SHA256.hex(ofFile: model) == table.modelDigest else {
      throw DeployError(
        .calibrationOtherModel,
        "the table was made with another file, '\(table.model)'",
        at: .file(path: path),
        remedy: "calibrate this model: vitrine calibrate \(model) --images …"
      )
    }
    self = .table(table)
  }

  /// Height and width that were calibrated; nil where the file does not say.
  var imageSize: [Int]? {
    if case .table(let table) = self { table.imageSize } else { nil }
  }

  /// How many pictures were observed; nil where the file does not say.
  var pictureCount: Int? {
    if case .table(let table) = self { table.pictures.count } else { nil }
  }

  /// The range of each value. A cache's are what they are, whatever the method.
  func ranges(
    _ method: CalibrationMethod,
    _ scheme: QuantizationScheme
  ) -> [String: QuantizationRange] {
    switch self {
    case .table(let table): table.ranges(method, scheme)
    case .cache(let cache, _): cache.ranges
    }
  }

  /// The mean of each channel of the values, where it is known.
  var means: [String: [Float]] {
    if case .table(let table) = self { table.means } else { [:] }
  }

  /// A cache does not say whose it is: its names must be the network's.
  /// - Throws: `calibration.other-model`.
  func check(_ graph: Graph) throws {
    guard case .cache(let cache, let path) = self else { return }
    let known = Set(cache.scales.map(\.value))
    let needed = InsertQuantization.observedValues(graph)
    let missing = needed.filter { !known.contains($0) }
    guard missing.count * 2 > needed.count else { return }
    throw DeployError(
      .calibrationOtherModel,
      "\(missing.count) of the network's \(needed.count) values, such as '\(missing[0])', are not in "
        + "the cache",
      at: .file(path: path),
      remedy: "give a cache that was made with this network"
    )
  }
}
