import Diagnostics
import Files
import FoundationEssentials
public import Graphs
import SwiftProtobuf

/// Reads ONNX files of operator sets 7 to 24 into a graph in the form of opset 21.
///
/// Unknown operators, sub-graphs and element types are errors that name the node; external data
/// is taken from the model's folder only.
public enum ONNXReader {
  /// The operator sets that can be read.
  public static let opsets = 7...24

  /// Reads a model from a file.
  /// - Throws: IDs of `onnx.` and `file.`, and `graph.invalid-node`.
  public static func read(
    path: String,
    catalog: OperatorCatalog = .standard
  ) throws -> Graph {
    do {
      let file = try MappedFile(path: path)
      let model = try withExtendedLifetime(file) { try decode(file.bytes) }
      file.releasePages()
      return try ModelImport(external: ExternalData(besideModel: path), catalog: catalog)
        .graph(of: model)
    } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Reads a model from memory; it cannot have external data.
  /// - Throws: IDs of `onnx.`, and `graph.invalid-node`.
  public static func read(
    bytes: [UInt8],
    catalog: OperatorCatalog = .standard
  ) throws -> Graph {
    let model = try bytes.withUnsafeBytes { try decode($0) }
    return try ModelImport(external: nil, catalog: catalog).graph(of: model)
  }

  /// Takes the protobuf messages apart, nesting at most 40 deep.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws -> Onnx_ModelProto {
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 40
    options.discardUnknownFields = true
    do {
      guard let base = bytes.baseAddress, bytes.count > 0 else {
        throw BinaryDecodingError.truncated
      }
      let data = Data(
        bytesNoCopy: UnsafeMutableRawPointer(mutating: base),
        count: bytes.count,
        deallocator: .none
      )
      let model = try Onnx_ModelProto(serializedBytes: data, options: options)
      guard model.hasIrVersion || model.hasGraph else {
        throw BinaryDecodingError.malformedProtobuf
      }
      return model
    } catch {
      throw DeployError(
        .onnxNotAModel,
        "is not an ONNX model: the protobuf is cut short, damaged or something else",
        remedy: "check that the file was downloaded whole",
        cause: error
      )
    }
  }
}
