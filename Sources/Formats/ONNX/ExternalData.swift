import Diagnostics
import Files
import Glibc
import Tensors

/// Tensor data in files beside the model, each mapped once. Nothing outside the model's folder
/// is opened: no absolute path, no `..`, no symbolic link that leads out.
///
/// Source: ONNX, docs/ExternalData.md.
final class ExternalData {
  private let folder: String
  private var files: [String: MappedFile] = [:]

  /// - Parameter path: the model's path.
  init(besideModel path: String) {
    let slash = path.lastIndex(of: "/")
    folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  func tensor(
    _ proto: Onnx_TensorProto,
    shape: Shape,
    scalarType: ScalarType,
    at location: Diagnostic.Location
  ) throws -> Tensor {
    let byteCount = shape.count * scalarType.byteCount
    let file = try self.file(entry("location", of: proto) ?? "", at: location)
    let offset = try number("offset", of: proto, at: location) ?? 0
    let (rest, overflow) = file.count.subtractingReportingOverflow(offset)
    let length = try number("length", of: proto, at: location) ?? rest
    guard !overflow, offset <= file.count, length <= rest else {
      throw failure(
        "bytes \(offset) + \(length) of '\(file.path)' end after \(file.count)",
        location
      )
    }
    guard length == byteCount else {
      throw failure("\(length) bytes do not fill \(scalarType.rawValue)\(shape)", location)
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[offset..<offset + length])
    return try Tensor(borrowing: bytes, of: file, shape: shape, scalarType: scalarType)
  }

  private func entry(_ key: String, of proto: Onnx_TensorProto) -> String? {
    proto.externalData.first { $0.key == key }?.value
  }

  private func number(
    _ key: String,
    of proto: Onnx_TensorProto,
    at location: Diagnostic.Location
  ) throws -> Int? {
    guard let text = entry(key, of: proto) else { return nil }
    guard let value = Int(text), value >= 0 else {
      throw failure("\(key) '\(text)' is not a number of bytes", location)
    }
    return value
  }

  private func file(_ name: String, at location: Diagnostic.Location) throws -> MappedFile {
    if let file = files[name] { return file }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.isEmpty, !name.hasPrefix("/"), !name.utf8.contains(0),
      !parts.contains("..")
    else { throw outside(name, location) }
    guard let root = Self.resolved(folder), let path = Self.resolved(folder + "/" + name) else {
      throw failure("'\(name)' does not exist beside the model", location)
    }
    guard path.hasPrefix(root == "/" ? root : root + "/") else { throw outside(name, location) }
    // The resolved path has no links; one put there since then is refused.
    let file: MappedFile
    do { file = try MappedFile(path: path, followingLinks: false) } catch {
      throw failure("'\(name)' cannot be used", location, cause: error)
    }
    files[name] = file
    return file
  }

  private static func resolved(_ path: String) -> String? {
    guard let text = realpath(path, nil) else { return nil }
    defer { free(text) }
    return String(cString: text)
  }

  private func outside(_ name: String, _ location: Diagnostic.Location) -> DeployError {
    failure("'\(name)' is not inside the model's folder", location)
  }

  private func failure(
    _ message: String,
    _ location: Diagnostic.Location,
    cause: (any Error)? = nil
  ) -> DeployError {
    DeployError(
      .onnxExternalData,
      "external data: " + message,
      at: location,
      remedy: "put the data file, whole and not a link, into the folder of the model",
      cause: cause
    )
  }
}
