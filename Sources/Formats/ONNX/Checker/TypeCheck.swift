import Diagnostics
import FoundationEssentials
import Graphs

/// The stated types against those that the operators' shape rules give.
struct TypeCheck {
  private let model: Onnx_ModelProto
  private let external: ExternalData?
  private let catalog: OperatorCatalog

  init(_ model: Onnx_ModelProto, external: ExternalData?, catalog: OperatorCatalog) {
    self.model = model
    self.external = external
    self.catalog = catalog
  }

  func run() -> [Diagnostic] {
    let graph: Graph
    do {
      graph = try ModelImport(external: external, catalog: catalog).graph(of: model)
    } catch {
      let found = ONNXChecker.diagnostics(of: error)
      return found.map(unlessOnlyUnknown)
    }
    let types = Dictionary(graph.values.map { ($0.name, $0.type) }) { first, _ in first }
    return (model.graph.valueInfo + model.graph.output).compactMap { info in
      guard let inferred = types[info.name] else { return nil }
      return mismatch(info, inferred)
    }
  }

  private func mismatch(_ info: Onnx_ValueInfoProto, _ inferred: TensorType) -> Diagnostic? {
    let stated: TensorType?
    do { stated = try TypeCoding.type(info) } catch {
      return ONNXChecker.diagnostics(of: error).first
    }
    guard let stated, !stated.isCompatible(with: inferred) else { return nil }
    return Diagnostic(
      .error,
      .onnxTypeMismatch,
      "the file states \(stated), its operators give \(inferred)",
      at: .value(info.name)
    )
  }

  /// A model may be valid although it cannot be read here: that is worth a warning.
  private func unlessOnlyUnknown(_ diagnostic: Diagnostic) -> Diagnostic {
    let limits: Set<Diagnostic.ID> = [
      .onnxUnsupportedOperator, .onnxUnsupportedSubgraph, .onnxUnsupportedType,
      .onnxUnsupportedOpset, .onnxUnsupportedForm,
    ]
    guard limits.contains(diagnostic.id) else { return diagnostic }
    var warning = diagnostic
    warning.severity = .warning
    return warning
  }
}
