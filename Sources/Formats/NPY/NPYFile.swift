public import Diagnostics
import Files
public import Tensors

extension Diagnostic.ID {
  /// A file that is not an array of NumPy, or a damaged one.
  public static let npyDamaged: Self = "npy.damaged"
  /// An array of a kind that is not read: records, text, big-endian or unsigned wide numbers.
  public static let npyUnsupported: Self = "npy.unsupported"
}

/// The `.npy` format: one array with its shape and element type.
/// Source: NumPy, `numpy/lib/format.py`, versions 1.0 to 3.0.
public enum NPYFile {
  /// Reads an array; its bytes are borrowed from the mapped file where they can be.
  /// - Throws: `npy.damaged`, `npy.unsupported`, `file.…`.
  public static func read(path: String) throws -> Tensor {
    let file = try MappedFile(path: path)
    do { return try read(file) } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Writes an array in C order (`bfloat16`, which NumPy lacks, as `float32`).
  /// - Throws: `file.unwritable`.
  public static func write(_ tensor: Tensor, to path: String) throws {
    let tensor = tensor.scalarType == .bfloat16 ? try tensor.converted(to: .float32) : tensor
    let sizes = tensor.shape.dimensions.map(String.init)
    let shape = sizes.count == 1 ? "(\(sizes[0]),)" : "(\(sizes.joined(separator: ", ")))"
    let code = descriptions.first { $0.type == tensor.scalarType }?.code ?? "|u1"
    var header = "{'descr': '\(code)', 'fortran_order': False, 'shape': \(shape), }"
    // The header is padded so that the elements begin at a multiple of 64.
    header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
    let length = UInt16(truncatingIfNeeded: header.utf8.count)
    var file = try AtomicFile(path: path)
    try file.write(magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)] + Array(header.utf8))
    try tensor.withBytes { try file.write($0) }
    try file.commit()
  }

  private static func read(_ file: MappedFile) throws -> Tensor {
    let bytes = file.bytes
    guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic), (1...3).contains(bytes[6])
    else { throw damaged("does not start as an array of NumPy (version 1 to 3) does") }
    let start = bytes[6] == 1 ? 10 : 12
    guard bytes.count >= start else { throw damaged("ends in its header") }
    var length = Int(bytes[8]) | Int(bytes[9]) << 8
    if start == 12 { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
    guard length <= min(bytes.count - start, 65536) else {
      throw damaged("a header of \(length) bytes is announced, \(bytes.count - start) follow")
    }
    let header = String(decoding: bytes[start..<start + length], as: UTF8.self)
    let description = try NPYHeader(header)
    guard let type = scalarType(description.descr) else {
      throw DeployError(
        .npyUnsupported,
        "elements of type '\(description.descr)' are not read",
        remedy: "convert the array first, for example with .astype('float32')"
      )
    }
    let body = UnsafeRawBufferPointer(rebasing: bytes[(start + length)...])
    guard Shape.checkedCount(description.shape.filter { $0 > 0 }) != nil,
      Shape.checkedCount(description.shape + [type.byteCount]) == body.count
    else {
      throw damaged("shape \(description.shape) of \(type.rawValue) is not \(body.count) bytes")
    }
    if !description.isFortranOrder {
      let shape = Shape(description.shape)
      return try Tensor(borrowing: body, of: file, shape: shape, scalarType: type)
    }
    return try tensor(body, description.shape, type, true)
  }

  /// A dense copy of an array in C or Fortran order; `bytes` fills the sizes.
  static func tensor(
    _ bytes: UnsafeRawBufferPointer,
    _ sizes: [Int],
    _ type: ScalarType,
    _ isFortranOrder: Bool
  ) throws -> Tensor {
    let strides = sizes.indices.map { sizes[..<$0].reduce(1, *) }
    guard isFortranOrder, sizes.count > 1,
      let layout = StridedLayout(offset: 0, sizes: sizes, strides: strides)
    else { return try Tensor(copying: bytes, shape: Shape(sizes), scalarType: type) }
    let raw = Tensor(shape: Shape(sizes), scalarType: type) {
      layout.gather(bytes, width: type.byteCount, into: $0)
    }
    guard type == .bool else { return raw }
    return try raw.withBytes { try Tensor(copying: $0, shape: Shape(sizes), scalarType: type) }
  }

  /// The element type of a code such as `<f4`, `f4` or `|u1`.
  static func scalarType(_ code: String) -> ScalarType? {
    let bare = code.hasPrefix("<") || code.hasPrefix("|") || code.hasPrefix("=")
    let name = bare ? code.dropFirst() : code[...]
    return descriptions.first { $0.code.dropFirst() == name }?.type
  }

  static func damaged(_ message: String) -> DeployError {
    DeployError(.npyDamaged, message, remedy: "write the file again with numpy.save")
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let descriptions: [(type: ScalarType, code: String)] = [
    (.float64, "<f8"), (.float32, "<f4"), (.float16, "<f2"), (.int64, "<i8"), (.int32, "<i4"),
    (.int16, "<i2"), (.int8, "|i1"), (.uint8, "|u1"), (.bool, "|b1"),
  ]
}
