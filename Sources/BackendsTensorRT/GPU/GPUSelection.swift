import Backends
import CGPUKernels
import CTensorRT
import Diagnostics
import Tensors

/// Decoding and suppression on the GPU: from a network's output there to a few boxes here.
///
/// The work of one picture takes about 2.4 MB of the GPU's memory, most of it for the bits that say
/// which of 4096 candidates overlap.
final class GPUSelection {
  /// The output that is chosen from.
  let output: String

  private let rules: PictureRules.Selection
  private let kernels: GPUKernels
  private let stream: CUDAStream
  private let wanted: CUDABlock?
  private var memory: Memory?

  /// What a shape of the output needs.
  private struct Memory {
    let shape: Shape
    let counts: CUDABlock
    let chunks: CUDABlock
    let candidates: CUDABlock
    let order: CUDABlock
    let overlaps: CUDABlock
    let outcomes: CUDABlock
    let received: CUDAPinned
  }

  init(
    _ rules: PictureRules.Selection,
    output: String,
    _ kernels: GPUKernels,
    _ stream: CUDAStream
  ) throws {
    self.rules = rules
    self.output = output
    self.kernels = kernels
    self.stream = stream
    guard let classes = rules.classes else {
      wanted = nil
      return
    }
    let bytes = (0..<rules.classCount).map { classes.contains($0) ? UInt8(1) : 0 }
    let block = try CUDABlock(bytes.count, stream)
    try bytes.withUnsafeBytes { try block.upload($0) }
    try stream.synchronize()
    wanted = block
  }

  /// The most boxes of a picture: no more are kept than are chosen from.
  private var mostKept: Int { min(rules.maxDetections, Int(VT_GPU_LIMIT)) }

  private var outcomeSize: Int {
    MemoryLayout<VTGPUOutcome>.stride + mostKept * MemoryLayout<VTGPUCandidate>.stride
  }

  /// Makes the memory for an output's shape, [N, anchors, channels].
  /// - Returns: whether addresses changed.
  func prepare(_ output: CUDAMemory) throws -> Bool {
    let shape = output.shape
    if memory?.shape == shape { return false }
    // The kernels count candidates, at most one for each class of an anchor, in 32 bits.
    guard shape.rank == 3, shape[2] == rules.channelCount, shape[0] > 0, shape[0] <= 1 << 15,
      shape[1] <= 1 << 24, shape[1] * shape[2] <= Int(Int32.max)
    else {
      throw DeployError(
        .backendShapeMismatch,
        "an output of shape \(shape) holds no rows of \(rules.channelCount) values",
        remedy: "use --gpu-processing off, and check the number of classes in the metadata"
      )
    }
    let (pictures, limit) = (shape[0], Int(VT_GPU_LIMIT))
    let word = MemoryLayout<Int32>.stride
    memory = nil
    memory = Memory(
      shape: shape,
      counts: try CUDABlock(pictures * shape[1] * word, stream),
      chunks: try CUDABlock(pictures * chunkCount(shape) * MemoryLayout<VTGPUChunk>.stride, stream),
      candidates: try CUDABlock(pictures * limit * MemoryLayout<VTGPUCandidate>.stride, stream),
      order: try CUDABlock(pictures * limit * word, stream),
      overlaps: try CUDABlock(pictures * limit * limit / 8, stream),
      outcomes: try CUDABlock(pictures * outcomeSize, stream),
      received: try CUDAPinned(pictures * outcomeSize, stream.driver)
    )
    return true
  }

  private func chunkCount(_ shape: Shape) -> Int {
    (shape[1] + Int(VT_GPU_CHUNK) - 1) / Int(VT_GPU_CHUNK)
  }

  /// Puts the whole choice into the stream, and the copy of what was kept.
  func run(on output: CUDAMemory) throws {
    guard let memory, memory.shape == output.shape else { return }
    let arguments = arguments(memory, output)
    let (pictures, anchors) = (memory.shape[0], memory.shape[1])
    let limit = Int(VT_GPU_LIMIT)
    let byAnchor = GPUKernels.Grid(anchors, pictures, block: (128, 1))
    let byPicture = GPUKernels.Grid(pictures, block: (32, 1))
    let byChunk = GPUKernels.Grid(chunkCount(memory.shape), pictures, block: (32, 1))
    try kernels.launch(.count, arguments, byAnchor, on: stream)
    try kernels.launch(.sum, arguments, byChunk, on: stream)
    try kernels.launch(.place, arguments, byPicture, on: stream)
    try kernels.launch(.gather, arguments, byAnchor, on: stream)
    let byCandidate = GPUKernels.Grid(limit, pictures, block: (128, 1))
    try kernels.launch(.rank, arguments, byCandidate, on: stream)
    let byPair = GPUKernels.Grid(limit / 64, limit, pictures, block: (64, 4))
    try kernels.launch(.overlap, arguments, byPair, on: stream)
    try kernels.launch(.keep, arguments, byPicture, on: stream)
    try memory.outcomes.download(memory.received.bytes)
  }

  private func arguments(_ memory: Memory, _ output: CUDAMemory) -> VTGPUSelection {
    var arguments = VTGPUSelection()
    arguments.output = output.device.address
    arguments.counts = memory.counts.address
    arguments.chunks = memory.chunks.address
    arguments.candidates = memory.candidates.address
    arguments.order = memory.order.address
    arguments.overlaps = memory.overlaps.address
    arguments.outcomes = memory.outcomes.address
    arguments.wanted = wanted?.address ?? 0
    arguments.pictures = Int32(memory.shape[0])
    arguments.anchors = Int32(memory.shape[1])
    arguments.channels = Int32(memory.shape[2])
    arguments.classes = Int32(rules.classCount)
    arguments.elementSize = Int32(output.scalarType.byteCount)
    arguments.chunksPerPicture = Int32(chunkCount(memory.shape))
    arguments.isMultiLabel = rules.isMultiLabel ? 1 : 0
    arguments.isClassAgnostic = rules.isClassAgnostic ? 1 : 0
    arguments.maxCandidates = Int32(clamping: rules.maxCandidates)
    arguments.maxDetections = Int32(mostKept)
    arguments.threshold = rules.confidenceThreshold
    arguments.overlap = rules.overlapLimit
    return arguments
  }

  /// What the last run kept of one picture; nil where there were too many candidates.
  func selection(of index: Int) throws -> PictureSelection? {
    guard let memory, (0..<memory.shape[0]).contains(index) else {
      throw DeployError(.backendUnknownBinding, "the last run had no picture \(index)")
    }
    let start = index * outcomeSize
    let bytes = UnsafeRawBufferPointer(memory.received.bytes)
    let outcome = bytes.loadUnaligned(fromByteOffset: start, as: VTGPUOutcome.self)
    guard outcome.candidates <= VT_GPU_LIMIT else { return nil }
    let first = start + MemoryLayout<VTGPUOutcome>.stride
    let kept = (0..<min(Int(outcome.kept), mostKept)).map { index in
      let place = first + index * MemoryLayout<VTGPUCandidate>.stride
      let box = bytes.loadUnaligned(fromByteOffset: place, as: VTGPUCandidate.self)
      return PictureSelection.Kept(
        x1: box.x1,
        y1: box.y1,
        x2: box.x2,
        y2: box.y2,
        confidence: box.confidence,
        classIndex: box.classIndex,
        anchor: box.anchor
      )
    }
    return PictureSelection(
      kept: kept,
      strangeCount: Int(outcome.strange),
      candidateCount: Int(outcome.candidates)
    )
  }
}
