public import Backends
import Diagnostics
import Glibc
import Metrics
import Tensors

/// One backend in a process of its own, asked over standard input: what `vitrine compare
/// frameworks` starts for each engine, so that each has its own memory and its own threads.
public struct EngineServer: Sendable {
  /// The checkpoint or ONNX file.
  public var model: String
  /// What runs it.
  public var backend: BackendChoice
  /// Height and width of the input in pixels; nil takes the model's.
  public var imageSize: [Int]?
  /// The shared block's file.
  public var sharedPath: String
  /// Bytes of one input in it.
  public var slotByteCount: Int
  /// The number of inputs in it.
  public var slotCount: Int
  /// Pictures for queries from file bytes to detections; none answers none.
  public var images: [String] = []
  /// What is done to the plan before it runs, for experiments such as slowing it down.
  public var adaptPlan: @Sendable (any Plan) -> any Plan = { $0 }

  /// Describes a server.
  public init(
    model: String,
    backend: BackendChoice,
    imageSize: [Int]?,
    sharedPath: String,
    slotByteCount: Int,
    slotCount: Int
  ) {
    self.model = model
    self.backend = backend
    self.imageSize = imageSize
    self.sharedPath = sharedPath
    self.slotByteCount = slotByteCount
    self.slotCount = slotCount
  }

  /// Loads, runs once, then answers until the other side is gone.
  /// - Throws: what loading and running throw.
  public func run() async throws {
    let layout = SharedBlock.Layout(slotByteCount: slotByteCount, slotCount: slotCount)
    let block = try SharedBlock(path: sharedPath, layout: layout)
    let channel = LineChannel(0, closes: false)
    let contender = try await BenchContender(
      model: model,
      backend: backend,
      batch: 1,
      imageSize: imageSize,
      adapt: adaptPlan
    )
    guard contender.input.bytes.count == slotByteCount else {
      throw DeployError(
        .comparePeerFailed,
        "the input has \(contender.input.bytes.count) bytes, not \(slotByteCount)"
      )
    }
    let pool = images.isEmpty ? nil : try PicturePool(images, seed: 1)
    let query = try pool.flatMap { try BenchQuery(contender, pool: $0, pictureCount: 1) }
    let runner = EngineRunner(contender, block, query)
    var greeting = PeerReply()
    greeting.version = contender.backendVersion
    greeting.threadCount = contender.threadCount
    greeting.precision = contender.precision
    try channel.send(greeting)
    while let line = channel.receive() {
      guard let request = PeerRequest(line) else { return }
      try channel.send(try runner.answer(request))
    }
  }
}

/// Answers requests with a loaded engine. The PyTorch peer does the same, step by step.
private final class EngineRunner {
  private let contender: BenchContender
  private let block: SharedBlock
  private let query: BenchQuery?
  private var cursor = 0
  private var lastMilliseconds = 0.0

  init(_ contender: BenchContender, _ block: SharedBlock, _ query: BenchQuery?) {
    self.contender = contender
    self.block = block
    self.query = query
  }

  func answer(_ request: PeerRequest) throws -> PeerReply {
    switch request {
    case .nothing: PeerReply()
    case .check(let slot): try check(slot)
    case .leg(let milliseconds):
      try leg(milliseconds) { [clock] in
        next()
        return try clock.measure { try contender.session.run(observer: nil) } / .milliseconds(1)
      }
    case .query(let milliseconds):
      if let query {
        try leg(milliseconds) { try query.run().milliseconds }
      } else {
        // Whoever asks sees that nothing was timed.
        PeerReply()
      }
    }
  }

  private let clock = ContinuousClock()

  private func check(_ slot: Int) throws -> PeerReply {
    load(slot)
    var reply = PeerReply()
    reply.inputSum = Checksum.crc32(UnsafeRawBufferPointer(contender.input.bytes))
    try contender.session.run(observer: nil)
    guard let name = contender.session.outputNames.first else { return reply }
    let output = try contender.session.output(name)
    guard output.bytes.count <= block.output.count else {
      throw DeployError(.comparePeerFailed, "the output has \(output.bytes.count) bytes")
    }
    block.output.copyMemory(from: UnsafeRawBufferPointer(output.bytes))
    reply.outputShape = output.shape.dimensions
    reply.precision = output.scalarType.rawValue
    return reply
  }

  /// Runs for some time.
  /// - Parameter run: runs once and says how long that took, in milliseconds.
  private func leg(_ milliseconds: Double, _ run: () throws -> Double) throws -> PeerReply {
    if lastMilliseconds < BenchGroup.coldMilliseconds { _ = try run() }
    let (processor, began) = (ProcessProbe.processorSeconds, clock.now)
    var times: [Double] = []
    var total = 0.0
    repeat {
      let time = try run()
      times.append(time)
      total += time
    } while total < milliseconds
    lastMilliseconds = times.last ?? 0
    var reply = PeerReply()
    reply.milliseconds = times
    reply.processorSeconds = ProcessProbe.processorSeconds - processor
    reply.wallSeconds = (clock.now - began) / .seconds(1)
    reply.peakMemory = ProcessProbe.peakResidentBytes
    return reply
  }

  private func next() {
    load(cursor)
    cursor += 1
  }

  private func load(_ slot: Int) {
    contender.input.bytes.copyMemory(from: UnsafeRawBufferPointer(block.slot(slot)))
  }
}
