import Diagnostics
import Glibc
public import Tensors

/// The operand sampled on another grid, axis by axis.
///
/// Operands: X, roi (ignored), scales or sizes. Not supported: cubic interpolation,
/// antialiasing, cropping, aspect-ratio policies. Source: ONNX Resize, opset 19.
public struct Resize: Operator {
  /// How values between samples are made.
  public enum Mode: String, Sendable, Hashable {
    case nearest
    case linear
  }
  /// How a coordinate of the result becomes one of the operand.
  public enum CoordinateTransformation: String, Sendable, Hashable {
    case asymmetric
    case halfPixel = "half_pixel"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case alignCorners = "align_corners"
  }
  /// Which sample is nearest.
  public enum NearestMode: String, Sendable, Hashable {
    case roundPreferFloor = "round_prefer_floor"
    case roundPreferCeil = "round_prefer_ceil"
    case floor
    case ceil
  }

  /// The ONNX `op_type`.
  public static let name = "Resize"
  /// How values between samples are made.
  public let mode: Mode
  /// How a coordinate of the result becomes one of the operand.
  public let coordinateTransformation: CoordinateTransformation
  /// Which sample is nearest.
  public let nearestMode: NearestMode
  /// The axes that scales or sizes are for; nil for all.
  public let axes: [Int]?

  /// Creates the operator.
  public init(
    mode: Mode = .nearest,
    coordinateTransformation: CoordinateTransformation = .halfPixel,
    nearestMode: NearestMode = .roundPreferFloor,
    axes: [Int]? = nil
  ) {
    self.mode = mode
    self.coordinateTransformation = coordinateTransformation
    self.nearestMode = nearestMode
    self.axes = axes
  }

  /// Reads `mode`, `coordinate_transformation_mode`, `nearest_mode`, `axes`.
  public init(attributes: Attributes, outputCount: Int) throws {
    func choice<T: RawRepresentable>(_ name: String, _ fallback: T) throws -> T
    where T.RawValue == String {
      let text = try attributes.string(name, default: fallback.rawValue)
      guard let value = T(rawValue: text) else {
        throw DeployError.attribute("Resize with \(name) '\(text)' is not supported")
      }
      return value
    }
    mode = try choice("mode", Mode.nearest)
    coordinateTransformation = try choice(
      "coordinate_transformation_mode",
      CoordinateTransformation.halfPixel
    )
    nearestMode = try choice("nearest_mode", NearestMode.roundPreferFloor)
    axes = try attributes.ints("axes")
    let policy = try attributes.string("keep_aspect_ratio_policy", default: "stretch")
    guard policy == "stretch", try attributes.int("antialias", default: 0) == 0 else {
      throw DeployError.attribute(
        "Resize with antialiasing or an aspect-ratio policy is not supported"
      )
    }
  }

  /// As ONNX names them.
  public var attributes: [String: Attribute] {
    var result: [String: Attribute] = [
      "mode": .string(mode.rawValue),
      "coordinate_transformation_mode": .string(coordinateTransformation.rawValue),
    ]
    if mode == .nearest { result["nearest_mode"] = .string(nearestMode.rawValue) }
    if let axes { result["axes"] = .ints(axes.map(Int64.init)) }
    return result
  }

  /// ⌊extent · scale⌋, or the stated sizes. A symbolic extent survives a scale of 1.
  public func outputTypes(for inputs: [Operand?]) throws -> [TensorType] {
    let x: TensorType = try inputs.required(0, of: Self.name).type
    try checkElements(x.scalarType, of: Self.name, integers: true)
    let axes = try normalized(self.axes ?? Array(0..<x.rank), rank: x.rank)
    var dimensions = x.dimensions
    if let sizes = inputs.optional(3), sizes.listLength != 0 {
      guard let list = try sizes.list("Resize's sizes") else {
        for axis in axes { dimensions[axis] = .unknown }
        return [TensorType(x.scalarType, dimensions)]
      }
      guard list.count == axes.count, list.allSatisfy({ $0 >= 0 }) else {
        throw DeployError.operand("sizes \(list) do not fit \(axes.count) axes of \(x)")
      }
      for (axis, size) in zip(axes, list) { dimensions[axis] = .fixed(size) }
      return [TensorType(x.scalarType, dimensions)]
    }
    let scales: Operand = try inputs.required(2, of: Self.name)
    guard let tensor = scales.constant else {
      for axis in axes { dimensions[axis] = .unknown }
      return [TensorType(x.scalarType, dimensions)]
    }
    guard tensor.shape == [axes.count] else {
      throw DeployError.operand("scales \(scales.type) do not fit \(axes.count) axes of \(x)")
    }
    for (axis, scale) in zip(axes, try tensor.floats()) {
      dimensions[axis] = try scaled(dimensions[axis], by: scale)
    }
    return [TensorType(x.scalarType, dimensions)]
  }

  private func scaled(_ extent: Dimension, by scale: Float) throws -> Dimension {
    guard scale > 0, scale < 1e6 else {
      throw DeployError.operand("Resize by \(scale) is out of range")
    }
    guard let value = extent.value else { return scale == 1 ? extent : .unknown }
    let product = Glibc.floor(Float(value) * scale)
    guard product <= Float(elementLimit) else {
      throw DeployError.operand("\(value) elements resized by \(scale) are too many")
    }
    return .fixed(Int(product))
  }

  /// One axis after the other, which for linear interpolation equals all at once.
  public func evaluate(_ inputs: [Tensor?]) throws -> [Tensor] {
    let shape = try resultShape(inputs)
    let x: Tensor = try inputs.required(0, of: Self.name)
    let axes = try normalized(self.axes ?? Array(0..<x.shape.rank), rank: x.shape.rank)
    let hasSizes = (inputs.optional(3) as Tensor?).map { $0.shape.count > 0 } ?? false
    let scales = hasSizes ? nil : try inputs.required(2, of: Self.name).floats()
    guard shape.count > 0 else { return [Tensor(shape: shape, scalarType: x.scalarType) { _ in }] }
    guard x.shape.count > 0 else { throw DeployError.operand("Resize of no elements") }
    let grids = axes.enumerated().compactMap { index, axis -> ResizedAxis? in
      let (from, to) = (x.shape[axis], shape[axis])
      let scale = scales?[index] ?? Float(to) / Float(from)
      return scale == 1 && from == to ? nil : ResizedAxis(axis: axis, from, to, scale: scale)
    }
    if mode == .nearest {
      var offsets = x.axisOffsets
      for grid in grids {
        let all = offsets[grid.axis]
        offsets[grid.axis] = grid.coordinates(coordinateTransformation).map {
          all[nearest($0, in: all.count)]
        }
      }
      return [try x.collected(offsets)]
    }
    var result = try x.converted(to: .float64)
    for grid in grids {
      result = try result.interpolated(
        along: grid.axis,
        at: grid.coordinates(coordinateTransformation)
      )
    }
    return [try result.converted(to: x.scalarType)]
  }

  private func nearest(_ x: Float, in extent: Int) -> Int {
    let rounded =
      switch nearestMode {
      case .roundPreferFloor: Glibc.ceil(x - 0.5)
      case .roundPreferCeil: Glibc.floor(x + 0.5)
      case .floor: Glibc.floor(x)
      case .ceil: Glibc.ceil(x)
      }
    return Int(min(max(rounded, 0), Float(extent - 1)))
  }

  /// Two per element and axis for linear interpolation.
  public func multiplyAdds(inputs: [TensorType?], outputs: [TensorType]) -> Int64 {
    mode == .linear ? saturatingProduct([2, elementCount(outputs.first)]) : 0
  }
  /// Interpolation rounds differently; the nearest sample is exact.
  public var tolerance: Tolerance { mode == .linear ? .rounding : .exact }
}

/// One axis that changes its extent.
private struct ResizedAxis {
  let axis: Int
  let from: Int
  let to: Int
  let scale: Float

  init(axis: Int, _ from: Int, _ to: Int, scale: Float) {
    (self.axis, self.from, self.to, self.scale) = (axis, from, to, scale)
  }

  /// Where each position of the result lies in the operand. Single precision, as the standard's
  /// implementations compute it: a tie between two samples depends on it.
  func coordinates(_ mode: Resize.CoordinateTransformation) -> [Float] {
    (0..<to).map { index in
      let x = Float(index)
      switch mode {
      case .asymmetric: return x / scale
      case .halfPixel: return (x + 0.5) / scale - 0.5
      case .pytorchHalfPixel: return to > 1 ? (x + 0.5) / scale - 0.5 : 0
      case .halfPixelSymmetric:
        let adjustment = Float(to) / (scale * Float(from))
        return Float(from) / 2 * (1 - adjustment) + (x + 0.5) / scale - 0.5
      case .alignCorners: return to > 1 ? x * Float(from - 1) / Float(to - 1) : 0
      }
    }
  }
}

extension Tensor {
  /// Doubles interpolated linearly along one axis; coordinates outside are clamped.
  fileprivate func interpolated(along axis: Int, at coordinates: [Float]) throws -> Tensor {
    var extents = shape.dimensions
    let extent = extents[axis]
    let outer = extents[..<axis].reduce(1, *)
    let inner = extents[(axis + 1)...].reduce(1, *)
    extents[axis] = coordinates.count
    return try withScalars(of: Double.self) { x in
      Tensor(shape: Shape(extents), of: Double.self) { y in
        var position = 0
        for block in 0..<outer {
          for coordinate in coordinates {
            let clamped = min(max(Double(coordinate), 0), Double(extent - 1))
            let low = Int(clamped)
            let weight = clamped - Double(low)
            let a = (block * extent + low) * inner
            let b = (block * extent + min(low + 1, extent - 1)) * inner
            for lane in 0..<inner {
              y[position + lane] = x[a + lane] * (1 - weight) + x[b + lane] * weight
            }
            position += inner
          }
        }
      }
    }
  }
}
