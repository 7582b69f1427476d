import Backends
import BackendsTensorRT
import Formats
import Glibc
import Graphs
import Tensors
import TestSupport
import Testing

/// The two releases of TensorRT for RTX that `Scripts/setup tensorrt-rtx` unpacks: each has another
/// table of slots, and both build engines without a GPU.
enum RTXRelease: String, CaseIterable, CustomTestStringConvertible {
  case first = "1.4.0.76"
  case second = "1.7.1.116"

  var testDescription: String { rawValue }
  var folder: String { Engines.folder + "/tensorrt-rtx-cu13-libs-" + rawValue }
  var library: String { folder + "/libtensorrt_rtx.so.1" }
  var backend: TensorRTForRTXBackend { TensorRTForRTXBackend(libraryPath: library) }
  /// `1.7.1`.
  var version: String { rawValue.split(separator: ".").dropLast().joined(separator: ".") }

  /// Whether both are there: run Scripts/setup tensorrt-rtx where their tests are skipped.
  static var areAvailable: Bool { allCases.allSatisfy { access($0.library, R_OK) == 0 } }
}

/// Small networks that TensorRT is given.
enum TensorRTNetwork {
  /// What of a network is quantized.
  enum Quantization {
    case nothing
    case activations
    case everything
  }

  /// Two convolutions: 1 × 3 × 16 × 16 → 1 × 8 × 16 × 16.
  /// - Parameter biasType: what the first bias is stored as; int32 comes with a scale of its own.
  static func quantized(
    _ quantization: Quantization = .everything,
    biasType: ScalarType = .float32
  ) throws -> Graph {
    var graph = Graph(name: "quantized")
    var value = graph.addInput("images", TensorType(.float32, [1, 3, 16, 16]))
    for index in 0..<2 {
      let name = "model.\(index)"
      let provenance = Provenance(modules: [name], nodes: [name])
      let channels = index == 0 ? 3 : 8
      let scale = graph.addConstant("\(name).scale", try Tensor([0.05] as [Float], shape: []))
      let zero = graph.addConstant("\(name).zero", try Tensor([0] as [Int8], shape: []))
      var activation = value
      if quantization != .nothing {
        let quantized = try graph.add(
          QuantizeLinear(),
          [value, scale, zero],
          name: "\(name).quantize",
          provenance: provenance
        )
        activation = try graph.add(
          DequantizeLinear(),
          [quantized[0], scale, zero],
          name: "\(name).dequantize",
          provenance: provenance
        )[0]
      }
      let numbers = (0..<8 * channels * 9).map { Int8(truncatingIfNeeded: $0 * 37 % 255 - 127) }
      let stored = try Tensor(numbers, shape: [8, channels, 3, 3])
      let weights =
        quantization != .everything
        ? graph.addConstant("\(name).weights", try stored.converted(to: .float32))
        : try graph.add(
          DequantizeLinear(),
          [graph.addConstant("\(name).weight", stored), scale, zero],
          name: "\(name).weights",
          provenance: provenance
        )[0]
      let bias =
        index == 0 && biasType == .int32
        ? try wideBias(&graph, name, provenance)
        : graph.addConstant(
          "\(name).bias",
          try Tensor([Float](repeating: 0.1, count: 8), shape: [8])
        )
      value = try graph.add(
        Conv(kernelShape: [3, 3], pads: [1, 1, 1, 1]),
        [activation, weights, bias],
        name: "\(name).conv",
        provenance: provenance
      )[0]
    }
    graph.markOutput(value, named: "features")
    return graph
  }

  private static func wideBias(
    _ graph: inout Graph,
    _ name: String,
    _ provenance: Provenance
  ) throws -> ValueID {
    let numbers = try Tensor([Int32](repeating: 40, count: 8), shape: [8])
    let scale = graph.addConstant("\(name).wideScale", try Tensor([0.0025] as [Float], shape: []))
    return try graph.add(
      DequantizeLinear(),
      [graph.addConstant("\(name).wideBias", numbers), scale, nil],
      name: "\(name).bias32",
      provenance: provenance
    )[0]
  }

  /// Two pictures side by side, whose heights agree only where the height is even.
  static func uneven() throws -> Graph {
    var graph = Graph(name: "uneven")
    let input = graph.addInput(
      "images",
      TensorType(.float32, [1, 1, .symbol("height"), .fixed(8)])
    )
    let provenance = Provenance(modules: ["model.0"], nodes: ["pool"])
    let pooled = try graph.add(
      MaxPool(kernelShape: [2, 1], strides: [2, 1]),
      [input],
      name: "pool",
      provenance: provenance
    )
    let scales = graph.addConstant("scales", try Tensor([1, 1, 2, 1] as [Float], shape: [4]))
    let grown = try graph.add(
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      [pooled[0], nil, scales],
      name: "grow",
      provenance: provenance
    )
    let joined = try graph.add(
      Concat(axis: 1),
      [input, grown[0]],
      name: "join",
      provenance: Provenance(modules: ["model.2"], nodes: ["join"])
    )
    graph.markOutput(joined[0], named: "both")
    return graph
  }
}
