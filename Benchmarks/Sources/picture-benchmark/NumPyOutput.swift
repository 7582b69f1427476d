import Files
import Tensors

/// A float32 array of three axes in C order, as NumPy writes it.
enum NumPyOutput {
  static func read(_ path: String) throws -> TensorBuffer {
    let file = try MappedFile(path: path)
    return try withExtendedLifetime(file) {
      let bytes = file.bytes
      guard bytes.count > 10, bytes.starts(with: [0x93] + Array("NUMPY".utf8)) else {
        throw Failure(description: "\(path) is no NumPy array")
      }
      let start = 10 + (Int(bytes[8]) | Int(bytes[9]) << 8)
      let header = String(decoding: bytes[10..<min(start, bytes.count)], as: UTF8.self)
      let inside = header.split(separator: "(").last?.split(separator: ")").first ?? ""
      var extents = inside.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
      if extents.count == 2 { extents.insert(1, at: 0) }
      let count = extents.reduce(1, *)
      guard
        extents.count == 3, header.contains("'<f4'"), header.contains("False"),
        bytes.count - start == 4 * count, extents[2] > 5
      else { throw Failure(description: "\(path) is no float32 array [1, anchors, 5 + classes]") }
      let buffer = TensorBuffer(shape: Shape(extents), scalarType: .float32)
      buffer.bytes.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[start...]))
      return buffer
    }
  }
}
