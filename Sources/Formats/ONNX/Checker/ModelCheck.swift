import Diagnostics

/// The structural rules, collected over a whole model.
struct ModelCheck {
  private(set) var found: [Diagnostic] = []
  let model: Onnx_ModelProto
  let external: ExternalData?
  /// The imported version by domain.
  private(set) var opsets: [String: Int] = [:]
  /// Domains without a version that a node has been blamed for: once is enough.
  var missingDomains: Set<String> = []
  /// Every value written so far.
  private var written: Set<String> = []

  init(_ model: Onnx_ModelProto, external: ExternalData?) {
    self.model = model
    self.external = external
  }

  mutating func run() {
    checkVersions()
    checkMetadata()
    if !model.hasGraph || model.graph.name.isEmpty {
      report(.onnxIncomplete, "the graph has no name")
    }
    checkInputs()
    checkInitializers()
    for (index, node) in model.graph.node.enumerated() { checkNode(node, at: index) }
    checkOutputs()
  }

  mutating func report(
    _ id: Diagnostic.ID,
    _ message: String,
    at location: Diagnostic.Location? = nil,
    remedy: String? = nil
  ) {
    // A damaged file may have millions of problems; nobody reads more than these.
    guard found.count < 200 else { return }
    found.append(Diagnostic(.error, id, message, at: location, remedy: remedy))
  }

  // MARK: Rules

  /// The newest format that is known. Source: onnx-ml.proto, Version.
  private static let newestIRVersion: Int64 = 14

  private mutating func checkVersions() {
    if !model.hasIrVersion {
      report(.onnxIRVersion, "the model states no ir_version")
    } else if !(1...Self.newestIRVersion).contains(model.irVersion) {
      report(
        .onnxIRVersion,
        "ir_version \(model.irVersion) is not one of 1 to \(Self.newestIRVersion)"
      )
    }
    for opset in model.opsetImport {
      opsets[opset.domain == "ai.onnx" ? "" : opset.domain] = Int(opset.version)
    }
    guard model.irVersion >= 3 || !model.hasIrVersion else {
      if !opsets.isEmpty {
        report(.onnxMissingOpset, "ir_version \(model.irVersion) does not have opset_import")
      }
      opsets[""] = 1
      return
    }
    if opsets.isEmpty {
      report(.onnxMissingOpset, "the model imports no operator set")
      missingDomains.insert("")
    }
    if let version = opsets[""], version > ONNXReader.opsets.upperBound {
      report(.onnxUnsupportedOpset, "operator set \(version) is not known")
    }
  }

  private mutating func checkMetadata() {
    var keys: Set<String> = []
    for entry in model.metadataProps where !keys.insert(entry.key).inserted {
      report(.onnxDuplicateMetadata, "metadata has the key '\(entry.key)' more than once")
    }
  }

  private mutating func checkInputs() {
    for info in model.graph.input {
      checkInfo(info, "input")
      if !written.insert(info.name).inserted {
        report(.onnxNotSSA, "two inputs have this name", at: .value(info.name))
      }
    }
  }

  private mutating func checkOutputs() {
    for info in model.graph.output {
      checkInfo(info, "output")
      if !info.name.isEmpty, !written.contains(info.name) {
        report(.onnxNotSorted, "the output is never written", at: .value(info.name))
      }
    }
  }

  private mutating func checkInfo(_ info: Onnx_ValueInfoProto, _ kind: String) {
    if info.name.isEmpty { report(.onnxIncomplete, "an \(kind) has no name") }
    guard info.hasType, let value = info.type.value else {
      return report(.onnxIncomplete, "the \(kind) has no type", at: .value(info.name))
    }
    guard case .tensorType(let type) = value else { return }
    if !type.hasElemType {
      report(.onnxIncomplete, "the \(kind) has no element type", at: .value(info.name))
    }
    if !type.hasShape {
      report(.onnxIncomplete, "the \(kind) has no shape", at: .value(info.name))
    }
  }

  private mutating func checkInitializers() {
    var names: Set<String> = []
    let inputs = Set(model.graph.input.map(\.name))
    for tensor in model.graph.initializer {
      let name = tensor.name
      if !tensor.hasName || name.isEmpty { report(.onnxIncomplete, "an initializer has no name") }
      if !names.insert(name).inserted {
        report(.onnxNotSSA, "two initializers have this name", at: .value(name))
      }
      if model.hasIrVersion, model.irVersion <= 3, !inputs.contains(name) {
        report(
          .onnxIRVersion,
          "ir_version \(model.irVersion) wants every initializer among the inputs",
          at: .value(name)
        )
      }
      written.insert(name)
      checkTensor(tensor, at: .value(name))
    }
  }

  private mutating func checkNode(_ node: Onnx_NodeProto, at index: Int) {
    let place = Diagnostic.Location.node(ModelImport.name(of: node, at: index))
    for input in node.input where !input.isEmpty && !written.contains(input) {
      report(.onnxNotSorted, "reads '\(input)', which nothing before it writes", at: place)
    }
    checkForm(node, at: place)
    for output in node.output where !output.isEmpty && !written.insert(output).inserted {
      report(.onnxNotSSA, "writes '\(output)', which is written already", at: place)
    }
  }
}
