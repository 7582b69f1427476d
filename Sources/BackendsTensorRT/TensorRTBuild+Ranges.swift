import Backends
import CTensorRT
import Diagnostics
import Graphs

extension TensorRTBuild {
  /// Gives the network's tensors the ranges that a calibration found, so that layers whose tensors all
  /// have one may run in 8 bits. TensorRT 8.6 only: from 10 on networks are strongly typed here.
  /// - Returns: what is worth saying.
  /// - Throws: `build.unsupported-option`.
  func setRanges(_ config: TensorRTObject, _ network: TensorRTObject) throws -> [Diagnostic] {
    guard let ranges = options.ranges else { return [] }
    let slots = library.table.pointee
    guard slots.tensorSetRange != VT_TRT_NONE else {
      throw DeployError(
        .buildUnsupportedOption,
        "\(library.flavor.title) \(library.version.text) builds strongly typed networks: what runs in "
          + "8 bits is said by the network, not by a table",
        at: .option("--calibration"),
        remedy:
          "quantize the model first: `vitrine quantize MODEL --calibration TABLE --for tensorrt`, "
          + "then build the ONNX file that it writes"
      )
    }
    guard !quantizes else {
      throw DeployError(
        .buildUnsupportedOption,
        "the network has QuantizeLinear nodes already",
        at: .option("--calibration"),
        remedy: "leave the table out, or build the model that is not quantized"
      )
    }
    vtTrtSetFlag(library.table, config.pointer, slots.flagInt8)
    var (count, missing) = (0, [String]())
    for tensor in tensors(of: network) {
      guard let name = vtTrtTensorName(library.table, tensor).map({ String(cString: $0) }) else {
        continue
      }
      guard let range = ranges[name] else {
        missing.append(name)
        continue
      }
      guard vtTrtSetRange(library.table, tensor, range.least, range.greatest) else {
        throw library.failure("take the range \(range.least) ... \(range.greatest) of '\(name)'")
      }
      count += 1
    }
    guard count > 0 else {
      throw DeployError(
        .buildUnsupportedOption,
        "none of the calibration's \(ranges.count) values is one of the network's",
        at: .option("--calibration"),
        remedy: "calibrate this model: `vitrine calibrate MODEL --images …`"
      )
    }
    guard let first = missing.first else { return [] }
    return [
      Diagnostic(
        .note,
        .buildUnsupportedOption,
        "\(missing.count) of \(count + missing.count) tensors, such as '\(first)', have no range: their "
          + "layers do not run in 8 bits"
      )
    ]
  }

  private var quantizes: Bool {
    graph.nodes.contains { type(of: $0.op).name == "QuantizeLinear" }
  }

  /// The network's inputs and the results of its layers.
  private func tensors(of network: TensorRTObject) -> [OpaquePointer] {
    let (table, pointer) = (library.table, network.pointer)
    let inputs = (0..<vtTrtBindingCount(table, pointer, 0)).compactMap {
      vtTrtBinding(table, pointer, 0, $0)
    }
    let results = (0..<vtTrtLayerCount(table, pointer)).flatMap { layer in
      (0..<vtTrtResultCount(table, pointer, layer)).compactMap {
        vtTrtResult(table, pointer, layer, $0)
      }
    }
    return inputs + results
  }
}
