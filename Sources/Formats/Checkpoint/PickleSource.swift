import Diagnostics
import Files

/// Where a file's pickle and its storages are.
enum PickleSource {
  /// A zip archive; `root` is the folder inside it, with its slash.
  case zip(ZipArchive, root: String, pickle: Range<Int>)
  case legacy(LegacyArchive)
  /// No pickle: names and places in a JSON header.
  case safetensors

  /// Opens a file of any known kind.
  init(_ file: MappedFile) throws {
    switch try FileKind(file) {
    case .zip: self = try Self.open(try ZipArchive(file))
    case .legacyPickle: self = .legacy(try LegacyArchive(file))
    case .plainPickle: throw try Self.plainPickle(file)
    case .safetensors: self = .safetensors
    }
  }

  var container: Checkpoint.Container {
    switch self {
    case .zip: .zip
    case .legacy: .legacy
    case .safetensors: .safetensors
    }
  }

  /// A machine at the start of the object's pickle; nil where there is no pickle.
  func machine(isStrict: Bool) -> PickleMachine? {
    switch self {
    case .zip(let archive, _, let range):
      let bytes = UnsafeRawBufferPointer(rebasing: archive.file.bytes[range])
      return PickleMachine(ByteCursor(bytes, base: range.lowerBound), isStrict: isStrict)
    case .legacy(let archive):
      let cursor = ByteCursor(archive.file.bytes, from: archive.objectStart)
      return PickleMachine(cursor, isStrict: isStrict)
    case .safetensors: return nil
    }
  }

  /// The storages, after `machine` has run.
  func storages(_ machine: PickleMachine) throws -> CheckpointStorages {
    switch self {
    case .zip(let archive, let root, _):
      return CheckpointStorages(archive.file) { archive.range("\(root)data/\($0)") }
    case .legacy(let archive):
      let ranges = try archive.storageRanges(machine)
      return CheckpointStorages(archive.file) { ranges[$0] }
    case .safetensors: throw CheckpointFailure.pickle("there is no pickle")
    }
  }

  private static func open(_ archive: ZipArchive) throws -> PickleSource {
    let pickles = archive.entries.filter { $0.name.hasSuffix("/data.pkl") }
    guard let pickle = pickles.min(by: { $0.name.utf8.count < $1.name.utf8.count }) else {
      throw noPickle(archive)
    }
    let root = String(pickle.name.dropLast("data.pkl".count))
    if archive.range(root + "constants.pkl") != nil {
      throw DeployError(
        .checkpointUnsupported,
        "the file is a TorchScript archive (torch.jit.save): a program with its weights",
        remedy: "give the checkpoint it was exported from"
      )
    }
    try archive.checkStored()
    if let order = archive.range(root + "byteorder"),
      !archive.file.bytes[order].elementsEqual("little".utf8)
    {
      throw DeployError(
        .checkpointUnsupported,
        "the weights are stored in the byte order "
          + "'\(String(decoding: archive.file.bytes[order].prefix(20), as: UTF8.self))'",
        remedy: "load the file with PyTorch on this machine and save it again with torch.save"
      )
    }
    return .zip(archive, root: root, pickle: pickle.range)
  }

  private static func noPickle(_ archive: ZipArchive) -> DeployError {
    let inner = archive.entries.first { entry in
      [".pt", ".pth", ".safetensors", ".onnx"].contains(where: entry.name.hasSuffix)
    }
    let names = archive.entries.prefix(3).map { "'\($0.name.prefix(60))'" }
    return DeployError(
      .checkpointOtherFormat,
      "the file is a zip archive of \(archive.entries.count) entries without a data.pkl"
        + (names.isEmpty ? "" : ", such as \(names.joined(separator: ", "))"),
      remedy: inner.map { "unpack the archive and give '\($0.name.prefix(60))'" }
        ?? "give a checkpoint written by torch.save"
    )
  }

  /// A pickle of another program: what it would run is named first.
  private static func plainPickle(_ file: MappedFile) throws -> DeployError {
    var machine = PickleMachine(ByteCursor(file.bytes), isStrict: true)
    _ = try machine.run()
    return DeployError(
      .checkpointOtherFormat,
      "the file is a plain pickle of Python, not written by torch.save",
      remedy: "save the network with torch.save"
    )
  }
}
