import Backends
import BackendsTensorRT
import Detectors
import Files
import Graphs
import Images
import Synchronization
import Tensors
import TestSupport
import Testing

/// Suites that share the stand-ins take turns.
@Suite(
  "TensorRT's host code with stand-ins for the driver, NVRTC and TensorRT",
  .enabled(if: StandIns.isAvailable, "clang could not build Tests/StandIns"),
  .serialized
)
enum StandInTests {}

/// A network that answers with prepared numbers and remembers what it was given.
enum StandInNetwork {
  struct State {
    /// The output that every run writes, or nothing.
    var answer: [UInt8] = []
    /// The input of the last run.
    var input: [UInt8] = []
    var runCount = 0
  }
  static let state = Mutex(State())

  /// What stands in for the engine.
  static let function: @convention(c) (UnsafeRawPointer?) -> Void = { run in
    guard let run else { return }
    for index in 0..<StandInControls.portCount(run) {
      let port = StandInControls.port(run, index)
      StandInNetwork.state.withLock { state in
        if port.isOutput {
          state.runCount += 1
          let count = min(state.answer.count, port.bytes.count)
          port.bytes.copyBytes(from: state.answer[..<count])
        } else {
          state.input = Array(UnsafeRawBufferPointer(port.bytes))
        }
      }
    }
  }

  static func answer<Scalar>(_ values: [Scalar]) {
    let bytes = values.withUnsafeBytes { Array($0) }
    state.withLock { $0.answer = bytes }
  }

  static var input: [UInt8] { state.withLock { $0.input } }

  /// A graph of that input, [batch, 3, height, width], and that many rows of 5 + classes.
  static func graph(
    batch: Int = 1,
    height: Int,
    width: Int,
    classCount: Int,
    type: ScalarType = .float32
  ) throws -> Graph {
    var graph = Graph(name: "stand-in")
    let shape = [batch, 3, height, width]
    let input = graph.addInput("images", TensorType(type, shape.map { .fixed($0) }))
    let wanted: [Int64] = [Int64(batch), -1, Int64(5 + classCount)]
    let target = graph.addConstant("shape", try Tensor(wanted, shape: [3]))
    let rows = try graph.add(Reshape(), [input, target], name: "rows", provenance: Provenance())
    graph.markOutput(rows[0], named: "output0")
    var contract = ModelContract(
      task: .detect,
      family: "test",
      classNames: (0..<classCount).map { "class\($0)" },
      levels: [.init(stride: 1, anchors: [.init(width: 10, height: 20)])],
      inputSize: [height, width]
    )
    contract.head = .decoded
    graph.contract = contract
    return graph
  }

  static func backend(_ release: StandIns.Release = .ten) -> TensorRTBackend {
    StandInControls.setNetwork(function, of: release)
    return TensorRTBackend(
      libraryPath: release.library,
      driverPath: StandIns.driver,
      compilerPath: StandIns.compiler
    )
  }

  static func plan(
    _ graph: Graph,
    _ release: StandIns.Release = .ten,
    processing: GPUProcessing = .on,
    records: Bool = true
  ) async throws -> any Plan {
    var configuration = BuildConfiguration()
    configuration.gpuProcessing = processing
    configuration.recordsRuns = records
    return try await backend(release).build(graph, configuration: configuration).plan
  }
}

extension Image {
  /// A picture of noise.
  static func noise(_ width: Int, _ height: Int, _ random: inout SeededGenerator) -> Image {
    var image = Image(width: width, height: height)
    for index in image.pixels.indices { image.pixels[index] = UInt8(random.next() % 256) }
    return image
  }
}
