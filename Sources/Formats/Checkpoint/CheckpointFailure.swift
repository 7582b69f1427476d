public import Diagnostics

extension Diagnostic.ID {
  /// A file without any bytes.
  public static let checkpointEmpty: Self = "checkpoint.empty-file"
  /// A pointer of Git LFS instead of the file it stands for.
  public static let checkpointPointer: Self = "checkpoint.git-lfs-pointer"
  /// A web page, as a failed download leaves it.
  public static let checkpointWebPage: Self = "checkpoint.web-page"
  /// The file ends before its contents do.
  public static let checkpointTruncated: Self = "checkpoint.truncated"
  /// A known kind of file that is not a checkpoint, such as ONNX.
  public static let checkpointOtherFormat: Self = "checkpoint.other-format"
  /// A kind of checkpoint that is not read, such as TorchScript.
  public static let checkpointUnsupported: Self = "checkpoint.unsupported-format"
  /// Nothing that could be told what it is.
  public static let checkpointUnknown: Self = "checkpoint.unknown-format"
  /// A zip archive that contradicts itself.
  public static let checkpointArchive: Self = "checkpoint.damaged-archive"
  /// A pickle that contradicts itself.
  public static let checkpointPickle: Self = "checkpoint.damaged-pickle"
  /// A pickle that asks for something that could run code.
  public static let checkpointRefusedGlobal: Self = "checkpoint.refused-global"
  /// A file that only a reader that runs nothing may read.
  public static let checkpointNotForPython: Self = "checkpoint.not-for-python"
  /// Larger, deeper or more entangled than any real checkpoint.
  public static let checkpointTooComplex: Self = "checkpoint.too-complex"
  /// A tensor that does not fit its storage.
  public static let checkpointTensor: Self = "checkpoint.damaged-tensor"
  /// A tensor of a kind that is not read, such as a quantised one.
  public static let checkpointUnsupportedTensor: Self = "checkpoint.unsupported-tensor"
  /// A whole file without a network or weights in it.
  public static let checkpointNoNetwork: Self = "checkpoint.no-network"
}

/// The errors of reading a checkpoint, with their usual remedies.
enum CheckpointFailure {
  static func archive(_ message: String, at offset: Int? = nil) -> DeployError {
    DeployError(
      .checkpointArchive,
      message,
      at: .file(path: "", byteOffset: offset),
      remedy: "download or copy the file again and compare its size and checksum"
    )
  }

  static func truncated(_ message: String, at offset: Int? = nil) -> DeployError {
    DeployError(
      .checkpointTruncated,
      message,
      at: .file(path: "", byteOffset: offset),
      remedy: "the download or copy was cut short: fetch the file again and compare its size"
    )
  }

  static func pickle(_ message: String, at offset: Int? = nil) -> DeployError {
    DeployError(
      .checkpointPickle,
      message,
      at: .file(path: "", byteOffset: offset),
      remedy: "download or copy the file again and compare its checksum"
    )
  }

  static func tooComplex(_ message: String) -> DeployError {
    DeployError(
      .checkpointTooComplex,
      message,
      remedy: "save the network alone (no optimizer, no results) with torch.save"
    )
  }

  static func tensor(_ message: String) -> DeployError {
    DeployError(
      .checkpointTensor,
      message,
      remedy: "download or copy the file again and compare its checksum"
    )
  }

  static func notForPython(_ global: String, _ reason: String, _ path: String) -> DeployError {
    DeployError(
      .checkpointNotForPython,
      "PyTorch is not given this file, whose pickle asks for '\(global)': \(reason)",
      at: .file(path: path),
      remedy: "leave PyTorch out"
    )
  }

  static func refused(_ global: String, because reason: String, at offset: Int?) -> DeployError {
    DeployError(
      .checkpointRefusedGlobal,
      "the pickle asks for '\(global)': \(reason)",
      at: .file(path: "", byteOffset: offset),
      remedy: "do not load this file with PyTorch; get the checkpoint from a source you trust"
    )
  }
}
