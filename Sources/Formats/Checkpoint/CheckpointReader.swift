import Diagnostics
import Files
import Tensors

/// Reads checkpoints as data: zip and legacy files of `torch.save`, and `.safetensors`.
///
/// Nothing in a file is ever imported or called; see ``GlobalRule`` for what is refused.
/// Weights stay where they are in the mapped file until somebody reads them.
public enum CheckpointReader {
  /// Reads a checkpoint.
  /// - Throws: `checkpoint.…` for what is wrong with the contents, `file.…` for the file.
  public static func read(path: String) throws -> Checkpoint {
    let file = try MappedFile(path: path)
    do {
      let source = try PickleSource(file)
      return try read(file, source)
    } catch let error as DeployError { throw error.inFile(path) }
  }

  /// Lists the globals that a checkpoint asks for, of files that ``read(path:)`` refuses as well.
  /// - Throws: `checkpoint.…` where there is no pickle to look at, or it cannot be followed and
  ///   nothing was refused up to there.
  public static func audit(path: String) throws -> PickleAudit {
    let file = try MappedFile(path: path)
    do {
      let source = try PickleSource(file)
      guard var machine = source.machine(isStrict: false) else {
        return PickleAudit(protocolVersion: 0, entries: [])
      }
      do { _ = try machine.run() } catch { if machine.refusal == nil { throw error } }
      return machine.audit
    } catch let error as DeployError { throw error.inFile(path) }
  }

  private static func read(_ file: MappedFile, _ source: PickleSource) throws -> Checkpoint {
    guard var machine = source.machine(isStrict: true) else {
      return try Safetensors.read(file)
    }
    let root = try machine.run()
    let storages = try source.storages(machine)
    var assembler = CheckpointAssembler(heap: machine.heap, storages: storages)
    let contents = try CheckpointContents(root, &assembler)
    return Checkpoint(
      path: file.path,
      byteCount: file.count,
      container: source.container,
      model: contents.model,
      modelEntry: contents.modelEntry,
      weights: contents.weights,
      entries: contents.entries,
      audit: machine.audit,
      globalsKeptAsValues: machine.globalsKeptAsValues(),
      file: file
    )
  }
}
