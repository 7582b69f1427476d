import Backends
import Datasets
import Diagnostics
import Graphs
import Tensors

/// Ready inputs in memory that all processes see, made once for all engines.
struct FrameworkInputs {
  let block: SharedBlock
  /// [1, 3, H, W].
  let shape: Shape
  /// CRC-32 of the first input.
  let firstSum: UInt32
  /// Where they come from.
  let description: String

  /// Prepares the inputs of a job.
  /// - Throws: what reading the model and the pictures throws, `compare.precision`.
  init(_ job: FrameworkJob) async throws {
    let choice = try Self.anyBackend(job)
    let contender = try await BenchContender(
      model: job.model,
      backend: choice,
      batch: 1,
      imageSize: job.imageSize
    )
    guard contender.inputType.scalarType == .float32 else {
      throw DeployError(
        .comparePrecision,
        "the network takes \(contender.inputType), and frameworks are compared in float32",
        remedy: "give the checkpoint; `vitrine compare precision` compares precisions"
      )
    }
    let pool = try PicturePool(try Self.pictures(job), seed: job.seed)
    let buffers = try pool.tensors(for: contender, seed: job.seed)
    guard let first = buffers.first else {
      throw DeployError(.comparePrecision, "no input could be made")
    }
    block = try SharedBlock(
      SharedBlock.Layout(slotByteCount: first.bytes.count, slotCount: buffers.count)
    )
    for (index, buffer) in buffers.enumerated() {
      block.slot(index).copyMemory(from: UnsafeRawBufferPointer(buffer.bytes))
    }
    shape = first.shape
    firstSum = Checksum.crc32(UnsafeRawBufferPointer(block.slot(0)))
    description = "\(counted(buffers.count, "input")) of \(pool.description)"
  }

  /// The pictures named, or those of the data set; none where scenes are to be drawn.
  private static func pictures(_ job: FrameworkJob) throws -> [String] {
    guard let data = job.data else { return job.images }
    let source = try LabelledSource.open(data)
    guard case .files = source.pictures else { return [] }
    return source.dataset.pictures.prefix(PicturePool.pictureLimit).map(\.path)
  }

  /// The first backend that is there: it tells the input's form, and is measured elsewhere.
  private static func anyBackend(_ job: FrameworkJob) throws -> BackendChoice {
    let names = job.engines.filter { BackendChoice(cache: job.cache).catalog.names.contains($0) }
    for name in names + ["reference"] {
      let choice = BackendChoice(name, threadCount: job.threadCount, cache: job.cache)
      if (try? choice.open()) != nil { return choice }
    }
    return BackendChoice("reference", threadCount: job.threadCount)
  }
}

extension Diagnostic.ID {
  /// A network that does not compute in the precision of the comparison.
  static let comparePrecision: Self = "compare.precision"
}
