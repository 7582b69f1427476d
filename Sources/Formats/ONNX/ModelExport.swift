import Diagnostics
import Files
import Graphs
import SwiftProtobuf
import Tensors

/// Turns a graph into the messages of a file.
struct ModelExport {
  private let graph: Graph
  private let options: ONNXWriter.Options
  private let context: ExportContext
  /// The constants that are read, in the order of their first use.
  private let constants: [(name: String, tensor: Tensor)]

  init(_ graph: Graph, opset: Int, options: ONNXWriter.Options) throws {
    guard ONNXWriter.opsets.contains(opset) else {
      throw DeployError(
        .onnxUnsupportedOpset,
        "operator set \(opset) is not one of \(ONNXWriter.opsets)",
        at: .option("--opset"),
        remedy: "choose 17, which every engine reads"
      )
    }
    self.graph = graph
    self.options = options
    var context = ExportContext(graph, opset: opset)
    for node in graph.nodes {
      context.note = NodeProvenance.note(node.provenance)
      let form = NodeForm(
        name: node.name,
        type: type(of: node.op).name,
        inputs: node.inputs.map { $0.map { graph[$0].name } ?? "" },
        outputs: node.outputs.map { graph[$0].name },
        attributes: node.op.attributes
      )
      try Lowering.lower(form, &context)
    }
    self.context = context
    constants = Self.constants(read: context, graph)
  }

  private static func constants(
    read context: ExportContext,
    _ graph: Graph
  ) -> [(name: String, tensor: Tensor)] {
    var seen: Set<String> = []
    let read = context.nodes.flatMap(\.inputs) + graph.outputs.map { graph[$0].name }
    return read.compactMap { name in
      guard let tensor = context.tensor(name), seen.insert(name).inserted else { return nil }
      return (name, tensor)
    }
  }

  /// The messages with the data inside.
  func encoded() throws -> EncodedModel {
    EncodedModel(
      head: try modelHead().serializedBytes(),
      graph: try graphWithoutConstants().serializedBytes(),
      initializers: try constants.map { name, tensor in
        let header: [UInt8] = try TensorEncoder.header(tensor, named: name).serializedBytes()
        return EncodedModel.Initializer(header: header, data: tensor)
      }
    )
  }

  /// The messages with large tensors in another file, which this fills.
  func encoded(movingDataTo file: inout AtomicFile, named name: String) throws -> EncodedModel {
    var model = try encoded()
    var offset = 0
    for (index, constant) in constants.enumerated() {
      let tensor = constant.tensor
      guard tensor.byteCount >= Self.externalThreshold else { continue }
      let padding = (Self.alignment - offset % Self.alignment) % Self.alignment
      try file.write([UInt8](repeating: 0, count: padding))
      offset += padding
      try tensor.withBytes { try file.write($0) }
      var header = TensorEncoder.header(tensor, named: constant.name)
      header.dataLocation = .external
      header.externalData = [
        Self.entry("location", name),
        Self.entry("offset", "\(offset)"),
        Self.entry("length", "\(tensor.byteCount)"),
      ]
      model.initializers[index].header = try header.serializedBytes()
      model.initializers[index].data = nil
      offset += tensor.byteCount
    }
    return model
  }

  /// Smaller tensors stay in the model, so that shapes can be inferred from it alone.
  private static let externalThreshold = 1024
  /// The page size: engines map the data. Source: ONNX, docs/ExternalData.md, offset.
  private static let alignment = 4096

  private static func entry(_ key: String, _ value: String) -> Onnx_StringStringEntryProto {
    var entry = Onnx_StringStringEntryProto()
    entry.key = key
    entry.value = value
    return entry
  }

  private func modelHead() throws -> Onnx_ModelProto {
    var model = Onnx_ModelProto()
    model.irVersion = Self.irVersion(for: context.opset)
    model.producerName = "vitrine"
    model.producerVersion = options.producerVersion
    if !options.documentation.isEmpty { model.docString = options.documentation }
    var opset = Onnx_OperatorSetIdProto()
    opset.domain = ""
    opset.version = Int64(context.opset)
    model.opsetImport = [opset]
    model.metadataProps = try ContractMetadata.entries(of: graph).map {
      Self.entry($0.key, $0.value)
    }
    return model
  }

  /// The oldest file format that may import the operator set, for the sake of old readers.
  /// Source: ONNX, docs/Versioning.md, released versions.
  private static func irVersion(for opset: Int) -> Int64 {
    switch opset {
    case ...14: 7
    case ...18: 8
    case ...20: 9
    default: 10
    }
  }

  private func graphWithoutConstants() throws -> Onnx_GraphProto {
    var proto = Onnx_GraphProto()
    proto.name = graph.name.isEmpty ? "graph" : graph.name
    proto.input = graph.inputs.map { TypeCoding.info(graph[$0].name, graph[$0].type) }
    proto.output = graph.outputs.map { TypeCoding.info(graph[$0].name, graph[$0].type) }
    let stated = Set(graph.inputs + graph.outputs)
    proto.valueInfo = graph.nodes.flatMap(\.outputs).filter { !stated.contains($0) }
      .map { TypeCoding.info(graph[$0].name, graph[$0].type) }
    proto.node = try zip(context.nodes, context.notes).map { form, note in
      var node = Onnx_NodeProto()
      node.name = form.name
      node.opType = form.type
      node.input = form.inputs
      node.output = form.outputs
      node.attribute = try AttributeCoding.protos(form.attributes)
      if !note.isEmpty { node.docString = note }
      return node
    }
    return proto
  }
}
