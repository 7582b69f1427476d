import Diagnostics
import Files

/// What a file is by its first bytes, whatever its name says.
enum FileKind {
  case zip
  case legacyPickle
  /// A pickle that torch.save did not write.
  case plainPickle
  case safetensors

  /// Tells what the file is.
  /// - Throws: one of the `checkpoint.…` errors where it is nothing that can be read.
  init(_ file: MappedFile) throws {
    let bytes = file.bytes
    guard !bytes.isEmpty else {
      throw DeployError(
        .checkpointEmpty,
        "the file is empty",
        remedy: "download or copy the checkpoint again"
      )
    }
    if bytes.starts(with: [0x50, 0x4B, 0x03, 0x04]) || bytes.starts(with: [0x50, 0x4B, 0x05, 0x06])
    {
      self = .zip
    } else if bytes.starts(with: Self.legacyStart) {
      self = .legacyPickle
    } else if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      self = .plainPickle
    } else if Self.isSafetensors(bytes) {
      self = .safetensors
    } else {
      throw FileKindFailure.error(for: bytes)
    }
  }

  /// `PROTO 2, LONG1 10 bytes`: the magic number 0x1950a86a20f9469cfc6c.
  /// Source: PyTorch, `torch/serialization.py`, `MAGIC_NUMBER`.
  static let legacyStart: [UInt8] = [
    0x80, 0x02, 0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, 0x2E,
  ]

  /// A length of eight bytes, then JSON. Source: safetensors, `README.md`, "Format".
  private static func isSafetensors(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 10, bytes[8] == 0x7B else { return false }
    return bytes[5] == 0 && bytes[6] == 0 && bytes[7] == 0
  }
}

/// Names what a file that is no checkpoint seems to be.
enum FileKindFailure {
  static func error(for bytes: UnsafeRawBufferPointer) -> DeployError {
    let start = String(decoding: bytes.prefix(512), as: UTF8.self)
    let text = start.lowercased().drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    if text.hasPrefix("version https://git-lfs") {
      return DeployError(
        .checkpointPointer,
        "the file is a Git LFS pointer of \(bytes.count) bytes, not the checkpoint it stands for",
        remedy: "run 'git lfs pull' in the repository it came from, or download the file itself"
      )
    }
    if ["<!doctype", "<html", "<?xml", "<head"].contains(where: text.hasPrefix) {
      return DeployError(
        .checkpointWebPage,
        "the file is a web page saved under a checkpoint's name",
        remedy: "download the file itself: the link led to a page, a login or an error message"
      )
    }
    if let (name, remedy) = other(bytes) {
      return DeployError(.checkpointOtherFormat, "the file is \(name)", remedy: remedy)
    }
    if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) {
      return DeployError(
        .checkpointUnsupported,
        "the file is a tar archive, as torch.save wrote before version 0.1.10",
        remedy: "load it with PyTorch and save it again with torch.save"
      )
    }
    let hexadecimal = bytes.prefix(8).map { byte in
      (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
    return DeployError(
      .checkpointUnknown,
      "the file is neither a checkpoint nor anything known; it starts with "
        + hexadecimal.joined(separator: " "),
      remedy: "give a checkpoint written by torch.save or a .safetensors file"
    )
  }

  private static func other(_ bytes: UnsafeRawBufferPointer) -> (String, String)? {
    if isONNX(bytes) {
      return ("an ONNX model", "give it the ending .onnx and pass it where ONNX is expected")
    }
    let export = "export it from the checkpoint; an engine's plan cannot be turned back"
    let signatures: [([UInt8], String, String)] = [
      (Array("ftrt".utf8), "a TensorRT plan", export),
      (Array("ptrt".utf8), "a TensorRT plan", export),
      ([0x89] + Array("HDF".utf8), "an HDF5 file (Keras)", "give a YOLOv5 checkpoint"),
      ([0x1F, 0x8B], "a gzip archive", "unpack it and give the file inside"),
      ([0x37, 0x7A, 0xBC, 0xAF], "a 7z archive", "unpack it and give the file inside"),
      (Array("Rar!".utf8), "a RAR archive", "unpack it and give the file inside"),
      (Array("GGUF".utf8), "a GGUF language model", "give a YOLOv5 checkpoint"),
      ([0x93] + Array("NUMPY".utf8), "an array of NumPy", "give a YOLOv5 checkpoint"),
      ([0x89] + Array("PNG".utf8), "a PNG picture", "give a YOLOv5 checkpoint first"),
      ([0xFF, 0xD8, 0xFF], "a JPEG picture", "give a YOLOv5 checkpoint first"),
    ]
    if let known = signatures.first(where: { bytes.starts(with: $0.0) }) {
      return (known.1, known.2)
    }
    // The original exporter puts a length and JSON before the plan.
    if bytes.count > 5, bytes[4] == 0x7B, bytes[2] == 0, bytes[3] == 0 {
      return ("a TensorRT plan with metadata", export)
    }
    if bytes.count > 8, bytes[4..<8].elementsEqual("TFL3".utf8) {
      return ("a TensorFlow Lite model", "give the checkpoint it was made from")
    }
    return nil
  }

  /// `ir_version` (field 1), then the producer's name (2), the graph (7) or the opsets (8).
  private static func isONNX(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count > 4, bytes[0] == 0x08, (1...20).contains(bytes[1]) else { return false }
    return [0x12, 0x3A, 0x42].contains(bytes[2])
  }
}
