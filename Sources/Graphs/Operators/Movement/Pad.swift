import Diagnostics
public import Tensors

/// The operand with elements added (or, by negative counts, cut) at the ends of axes.
/// Operands: data, pads, value (optional), axes (optional). Source: ONNX Pad, opset 21.
public struct Pad: Operator {
  /// What is added.
  public enum Mode: String, Sendable, Hashable {
    case constant
    case reflect
    case edge
    case wrap
  }
  /// The ONNX `op_type`.
  public static let name = "Pad"
  /// What is added.
  public let mode: Mode
  /// Creates the operator.
  public init(mode: Mode = .constant) { self.mode = mode }
  /// Reads `mode`.
  public init(attributes: Attributes, outputCount: Int) throws {
    let text = try attributes.string("mode", default: "constant")
    guard let mode = Mode(rawValue: text) else {
      throw DeployError.attribute("Pad with mode '\(text)' is not supported")
    }
    self.mode = mode
  }
  /// `mode`.
  public var attributes: [String: Attribute] { ["mode": .string(mode.rawValue)] }

  /// Every extent plus both of its pads.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    if let value = inputs.optional(2)?.type {
      try checkScalar(value, of: Self.name)
      try checkSame(x.scalarType, value.scalarType, of: Self.name)
    }
    guard let pads = try pads(inputs, rank: x.rank) else {
      return [TensorType(x.scalarType, x.dimensions.map { _ in .unknown })]
    }
    let dimensions = try zip(x.dimensions, pads).map { extent, pad -> Dimension in
      if pad == (0, 0) { return extent }
      guard let value = extent.value else { return .unknown }
      let total = value + pad.0 + pad.1
      guard total >= 0, mode == .constant || value > 0 else {
        throw DeployError.operand("an extent of \(value) cannot be padded by \(pad)")
      }
      return .fixed(total)
    }
    return [TensorType(x.scalarType, dimensions)]
  }

  private func pads(_ inputs: [Operand?], rank: Int) throws -> [(Int, Int)]? {
    var axes = Array(0..<rank)
    if let operand = inputs.optional(3) {
      guard let list = try operand.list("Pad's axes") else { return nil }
      axes = try normalized(list, rank: rank)
    }
    guard let list = try inputs.required(1, of: Self.name).list("Pad's pads") else { return nil }
    guard list.count == 2 * axes.count, list.allSatisfy({ abs($0.clamped) < elementLimit }) else {
      throw DeployError.operand("pads \(list) do not fit \(axes.count) axes")
    }
    var result = [(Int, Int)](repeating: (0, 0), count: rank)
    for (index, axis) in axes.enumerated() {
      result[axis] = (list[index], list[axes.count + index])
    }
    return result
  }

  /// A copy.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let operands = inputs.map { tensor in
      tensor.map { Operand(type: TensorType($0.scalarType, $0.shape), constant: $0) }
    }
    let pads = try pads(operands, rank: x.shape.rank) ?? []
    let offsets = x.axisOffsets.enumerated().map { axis, all in
      (0..<shape[axis]).map { position -> Int in
        let coordinate = source(position - pads[axis].0, all.count)
        return coordinate < 0 ? -1 : all[coordinate]
      }
    }
    return [try x.collected(offsets, fill: mode == .constant ? inputs.optional(2) : nil)]
  }

  /// The coordinate that a padded one takes its element from, or -1 for the fill.
  private func source(_ position: Int, _ extent: Int) -> Int {
    if position >= 0 && position < extent { return position }
    switch mode {
    case .constant: return -1
    case .edge: return position < 0 ? 0 : extent - 1
    case .wrap: return ((position % extent) + extent) % extent
    case .reflect:
      guard extent > 1 else { return 0 }
      let period = 2 * (extent - 1)
      let phase = ((position % period) + period) % period
      return phase < extent ? phase : period - phase
    }
  }
}

extension Int {
  /// The number, kept from the extreme whose magnitude overflows.
  fileprivate var clamped: Int { Swift.max(self, -Int.max) }
}
