import Diagnostics
import Tensors

/// What a scattered element does to the one that it meets.
public enum ScatterReduction: String, Sendable, Hashable {
  /// Replaces it.
  case none
  /// Is added to it.
  case add
  /// Multiplies it.
  case mul
  /// Stays if it is larger.
  case max
  /// Stays if it is smaller.
  case min

  init(_ attributes: Attributes) throws {
    let text = try attributes.string("reduction", default: "none")
    guard let reduction = Self(rawValue: text) else {
      throw DeployError.attribute("reduction '\(text)' is not supported")
    }
    self = reduction
  }

  /// The data with elements of `updates` put at `targets`, in order.
  func scatter(_ updates: Tensor, into data: Tensor, at targets: [Int]) throws -> Tensor {
    if self == .none { return try replace(updates, in: data, at: targets) }
    var values = try data.reals()
    for (target, update) in zip(targets, try updates.reals()) {
      let old = values[target]
      switch self {
      case .none: values[target] = update
      case .add: values[target] = old + update
      case .mul: values[target] = old * update
      case .max: values[target] = larger(old, update)
      case .min: values[target] = smaller(old, update)
      }
    }
    return try Tensor(reals: values, shape: data.shape, as: data.scalarType)
  }

  private func replace(_ updates: Tensor, in data: Tensor, at targets: [Int]) throws -> Tensor {
    let size = data.scalarType.byteCount
    return try data.withBytes { old in
      try updates.withBytes { new in
        Tensor(shape: data.shape, scalarType: data.scalarType) { bytes in
          bytes.copyMemory(from: old)
          for (index, target) in targets.enumerated() {
            for byte in 0..<size { bytes[target * size + byte] = new[index * size + byte] }
          }
        }
      }
    }
  }
}
