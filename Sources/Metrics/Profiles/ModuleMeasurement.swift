/// The layers of one module of the checkpoint, summed.
public struct ModuleMeasurement: Sendable, Hashable, Codable {
  /// The module path, such as `model.4`; empty for layers that stand for no module.
  public var module: String
  /// The number of layers that stand for it, wholly or in part.
  public var layerCount: Int
  /// Their time, in milliseconds. A layer that stands for several modules is shared out among
  /// them in equal parts, so that the modules add up to the whole.
  public var milliseconds: Double
  /// Their arithmetic operations, shared out alike.
  public var operations: Double
  /// Their traffic in bytes, shared out alike.
  public var bytes: Double
}

extension LayerProfile {
  /// The layers summed per module, the slowest first.
  /// - Parameter depth: how many parts of the path count: 2 makes `model.4` of
  ///   `model.4.m.1.cv2`; nil keeps whole paths.
  public func modules(depth: Int? = 2) -> [ModuleMeasurement] {
    var sums: [String: ModuleMeasurement] = [:]
    for layer in layers {
      let paths = layer.modules.isEmpty ? [""] : layer.modules.map { Self.cut($0, to: depth) }
      let share = 1 / Double(paths.count)
      for path in Set(paths) {
        let parts = share * Double(paths.count { $0 == path })
        var sum =
          sums[path]
          ?? ModuleMeasurement(
            module: path,
            layerCount: 0,
            milliseconds: 0,
            operations: 0,
            bytes: 0
          )
        sum.layerCount += 1
        sum.milliseconds += parts * (layer.milliseconds ?? 0)
        sum.operations += parts * Double(layer.operations ?? 0)
        sum.bytes += parts * Double(layer.bytes ?? 0)
        sums[path] = sum
      }
    }
    return sums.values.sorted { ($1.milliseconds, $0.module) < ($0.milliseconds, $1.module) }
  }

  private static func cut(_ path: String, to depth: Int?) -> String {
    guard let depth else { return path }
    return path.split(separator: ".").prefix(depth).joined(separator: ".")
  }
}
