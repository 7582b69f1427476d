public import Diagnostics
import Files
public import Graphs

/// Checks an ONNX file by the rules of ONNX's own checker: format and operator set versions,
/// single assignment, order, signatures of operators, attributes, tensors, external data, and
/// the stated types against the inferred ones.
///
/// Unlike a reader it goes on after the first problem. Source: ONNX, docs/IR.md and
/// onnx.checker.check_model with full_check.
public enum ONNXChecker {
  /// Checks a file; an empty list means that it is in order.
  /// - Throws: IDs of `file.` when it cannot be read at all.
  public static func check(
    path: String,
    catalog: OperatorCatalog = .standard
  ) throws -> [Diagnostic] {
    let file = try MappedFile(path: path)
    return withExtendedLifetime(file) {
      check(file.bytes, external: ExternalData(besideModel: path), catalog)
    }
  }

  /// Checks a model in memory; it cannot have external data.
  public static func check(
    bytes: [UInt8],
    catalog: OperatorCatalog = .standard
  ) -> [Diagnostic] {
    bytes.withUnsafeBytes { check($0, external: nil, catalog) }
  }

  private static func check(
    _ bytes: UnsafeRawBufferPointer,
    external: ExternalData?,
    _ catalog: OperatorCatalog
  ) -> [Diagnostic] {
    let model: Onnx_ModelProto
    do { model = try ONNXReader.decode(bytes) } catch { return diagnostics(of: error) }
    var check = ModelCheck(model, external: external)
    check.run()
    guard !check.found.contains(where: { $0.severity == .error }) else { return check.found }
    return check.found + TypeCheck(model, external: external, catalog: catalog).run()
  }

  static func diagnostics(of error: any Error) -> [Diagnostic] {
    guard let error = error as? DeployError else {
      return [Diagnostic(.error, .onnxNotAModel, "\(error)")]
    }
    guard let cause = error.chain.dropFirst().last else { return error.diagnostics }
    var first = error.diagnostics[0]
    first.message += ": " + cause.diagnostics[0].message
    return [first] + error.diagnostics.dropFirst()
  }
}
