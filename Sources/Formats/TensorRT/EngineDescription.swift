import Diagnostics
import Files
import Tensors

/// What TensorRT's inspector says of an engine: `trtexec --exportLayerInfo`, or the text of
/// `IEngineInspector::getEngineInformation` in JSON.
///
/// Engines of 8.x to 10.x name their tensors under `Bindings`, those of 11.x under `I/O Tensors`.
/// Layers are objects where the engine was built with detailed profiling verbosity, otherwise bare
/// names. Source: TensorRT developer guide, "Engine Inspector"; keys as exported by trtexec.
public struct EngineDescription: Sendable, Hashable {
  /// The layers in the order in which they run.
  public var layers: [EngineLayer]
  /// The names of the engine's inputs and outputs.
  public var bindings: [String]
  /// The spelling of the file: `8.x to 10.x`, `11.x`, or empty where neither list is there.
  public var spelling: String

  /// The largest file that is read.
  private static let byteLimit = 256 << 20

  /// Reads an export.
  /// - Throws: `tensorrt.malformed`, `file.not-found`.
  public static func read(path: String) throws -> EngineDescription {
    try EngineText.parse(path, limit: byteLimit) { try parse($0) }
  }

  /// Reads the bytes of an export.
  /// - Throws: `tensorrt.malformed`.
  public static func parse(_ bytes: UnsafeRawBufferPointer) throws -> EngineDescription {
    let text = try EngineText.json(bytes)
    guard let layers = text["Layers"]?.elements else {
      throw EngineText.malformed(
        "has no list 'Layers'",
        remedy: "export it with trtexec --exportLayerInfo=FILE"
      )
    }
    let names = text["Bindings"]?.elements
    let tensors = text["I/O Tensors"]?.elements
    return EngineDescription(
      layers: try layers.enumerated().map { try layer($1, at: $0) },
      bindings: (names ?? tensors ?? []).compactMap { $0.text ?? $0["Name"]?.text },
      spelling: names != nil ? "8.x to 10.x" : (tensors != nil ? "11.x" : "")
    )
  }

  private static func layer(_ value: JSONText, at index: Int) throws -> EngineLayer {
    if let name = value.text { return EngineLayer(name: name) }
    guard let name = value["Name"]?.text else {
      throw EngineText.malformed("layer \(index) has neither a name nor is one")
    }
    var layer = EngineLayer(name: name)
    layer.kind = value["LayerType"]?.text ?? ""
    layer.tactic = value["TacticName"]?.text ?? ""
    layer.metadata = value["Metadata"]?.text ?? ""
    layer.inputs = (value["Inputs"]?.elements ?? []).compactMap(tensor)
    layer.outputs = (value["Outputs"]?.elements ?? []).compactMap(tensor)
    let weights = value["Weights"]
    let weightType = (weights?["Type"]?.text).flatMap(scalarType)
    let weightCount = weights?["Count"]?.integer ?? 0
    if let weightType, let bytes = Shape.checkedCount([weightCount, weightType.byteCount]) {
      layer.weightByteCount = Int64(bytes)
    }
    layer.scalarType = weightType ?? layer.inputs.first?.scalarType
    layer.operations = operations(value, weightCount: weightCount, output: layer.outputs.first)
    return layer
  }

  /// A convolution makes each output element from as many weights as one of its output channels
  /// has.
  private static func operations(
    _ value: JSONText,
    weightCount: Int,
    output: EngineTensor?
  ) -> Int64? {
    guard value["ParameterType"]?.text == "Convolution", let channels = value["OutMaps"]?.integer,
      channels > 0, weightCount > 0, let output,
      let count = Shape.checkedCount(output.extents + [2, weightCount / channels])
    else { return nil }
    return Int64(count)
  }

  private static func tensor(_ value: JSONText) -> EngineTensor? {
    guard let name = value["Name"]?.text else {
      return value.text.map { EngineTensor(name: $0, extents: []) }
    }
    let format = ["Format/Datatype", "DataType", "Datatype", "Format"].lazy
      .compactMap { value[$0]?.text }.first
    return EngineTensor(
      name: name,
      extents: (value["Dimensions"] ?? value["Shape"])?.integers ?? [-1],
      scalarType: format.flatMap(scalarType)
    )
  }

  /// The element type that a format's description names.
  static func scalarType(_ text: String) -> ScalarType? {
    let words = text.lowercased().split { !$0.isLetter && !$0.isNumber }
    for word in words {
      switch word {
      case "fp32", "float", "float32", "f32": return .float32
      case "fp16", "half", "float16", "f16": return .float16
      case "bf16", "bfloat16": return .bfloat16
      case "int8", "i8": return .int8
      case "uint8", "u8": return .uint8
      case "int32", "i32": return .int32
      case "int64", "i64": return .int64
      case "bool": return .bool
      default: continue
      }
    }
    return nil
  }
}
