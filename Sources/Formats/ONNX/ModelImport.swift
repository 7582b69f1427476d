import Diagnostics
import FoundationEssentials
import Graphs
import Tensors

/// Turns a decoded model into a graph.
struct ModelImport {
  private let decoder: TensorDecoder
  private let catalog: OperatorCatalog

  init(external: ExternalData?, catalog: OperatorCatalog) {
    decoder = TensorDecoder(external: external)
    self.catalog = catalog
  }

  func graph(of model: consuming Onnx_ModelProto) throws -> Graph {
    let opset = try Self.opset(of: model)
    try refuseWhatIsUnknown(model)
    var graph = model.graph
    model.clearGraph()
    var context = ImportContext(
      name: graph.name,
      opset: opset,
      catalog: catalog,
      taken: Self.names(of: graph)
    )
    try addInitializers(&graph, to: &context)
    for info in graph.input where !context.has(info.name) {
      guard let type = try TypeCoding.type(info) else {
        throw DeployError(
          .onnxIncomplete,
          "the input states no shape",
          at: .value(info.name),
          remedy: "export the model with a shape, its dimensions named where they vary"
        )
      }
      try context.addInput(info.name, type)
    }
    for (index, node) in graph.node.enumerated() { try add(node, at: index, to: &context) }
    for info in graph.valueInfo + graph.output { try refine(info, in: &context) }
    for info in graph.output { try context.markOutput(info.name) }
    describe(&context, model)
    return context.graph
  }

  static func opset(of model: Onnx_ModelProto) throws -> Int {
    let standard = model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }
    guard let version = standard.map(\.version).max() else {
      throw DeployError(
        .onnxMissingOpset,
        "the model does not say which version of the standard operators it uses",
        remedy: "export the model again with an opset_import"
      )
    }
    guard ONNXReader.opsets.contains(Int(version)) else {
      throw DeployError(
        .onnxUnsupportedOpset,
        "operator set \(version) is not one of \(ONNXReader.opsets)",
        remedy: "convert the model to opset 17"
      )
    }
    return Int(version)
  }

  private static func names(of graph: Onnx_GraphProto) -> Set<String> {
    var names = Set(graph.initializer.map(\.name))
    names.formUnion(graph.input.map(\.name))
    for node in graph.node { names.formUnion(node.output) }
    return names
  }

  /// One error for all unknown operators, so that a reader sees at once how much is missing.
  private func refuseWhatIsUnknown(_ model: Onnx_ModelProto) throws {
    var unknown: [String: Diagnostic] = [:]
    var order: [String] = []
    for (index, node) in model.graph.node.enumerated() {
      let isStandard = node.domain.isEmpty || node.domain == "ai.onnx"
      if isStandard, isKnown(node.opType) { continue }
      let key = node.domain + "." + node.opType
      guard unknown[key] == nil else { continue }
      order.append(key)
      let domain = isStandard ? "ai.onnx" : node.domain
      unknown[key] = Diagnostic(
        .error,
        subgraphOperators.contains(node.opType) && isStandard
          ? .onnxUnsupportedSubgraph : .onnxUnsupportedOperator,
        "operator \(node.opType) of domain '\(domain)' is not supported",
        at: .node(Self.name(of: node, at: index)),
        remedy: "export the model with standard operators and without control flow"
      )
    }
    let found = order.compactMap { unknown[$0] }
    if let first = found.first {
      throw DeployError(
        first.id,
        first.message,
        at: first.location,
        remedy: first.remedy,
        notes: Array(found.dropFirst())
      )
    }
    guard model.graph.sparseInitializer.isEmpty else {
      throw DeployError(.onnxUnsupportedType, "sparse initializers are not supported")
    }
  }

  private func isKnown(_ type: String) -> Bool {
    catalog[type] != nil || type == "Constant" || Lifting.replaced.contains(type)
  }

  private func addInitializers(
    _ graph: inout Onnx_GraphProto,
    to context: inout ImportContext
  ) throws {
    for index in graph.initializer.indices {
      let name = graph.initializer[index].name
      try context.addConstant(name, decoder.tensor(graph.initializer[index], named: name))
      // The bytes are in the tensor now; two copies of a network would be one too many.
      graph.initializer[index] = Onnx_TensorProto()
    }
  }

  static func name(of node: Onnx_NodeProto, at index: Int) -> String {
    node.name.isEmpty ? "\(node.opType)_\(index)" : node.name
  }

  private func add(
    _ node: Onnx_NodeProto,
    at index: Int,
    to context: inout ImportContext
  ) throws {
    let name = Self.name(of: node, at: index)
    var form = NodeForm(
      name: name,
      type: node.opType,
      inputs: node.input,
      outputs: node.output,
      attributes: try AttributeCoding.attributes(node.attribute, of: name, decoder)
    )
    while form.inputs.last == "" { form.inputs.removeLast() }
    while form.outputs.last == "" { form.outputs.removeLast() }
    guard form.type != "Constant" else {
      guard form.outputs.count == 1 else {
        throw form.failure(.onnxOperandCount, "must name one result")
      }
      try context.addConstant(form.outputs[0], ConstantNode.tensor(form))
      return
    }
    context.provenance = NodeProvenance.provenance(of: node, named: name)
    do {
      try Lifting.lift(&form, &context)
      try context.emit(form)
    } catch let error as DeployError where error.diagnostics[0].location == nil {
      throw DeployError(error.id, error.diagnostics[0].message, at: .node(name))
    }
  }

  private func refine(_ info: Onnx_ValueInfoProto, in context: inout ImportContext) throws {
    guard context.has(info.name), let type = try TypeCoding.type(info) else { return }
    context.refine(info.name, to: type)
  }

  private func describe(_ context: inout ImportContext, _ model: Onnx_ModelProto) {
    var metadata: [String: String] = [:]
    for entry in model.metadataProps { metadata[entry.key] = entry.value }
    let contract = ContractMetadata.contract(from: metadata, graph: context.graph)
    context.describe(contract, ContractMetadata.withoutContract(metadata))
  }
}

/// Operators with graphs inside.
private let subgraphOperators: Set<String> = ["If", "Loop", "Scan", "SequenceMap"]
