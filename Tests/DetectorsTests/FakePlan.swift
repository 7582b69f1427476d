import Backends
import Graphs
import Tensors

/// A plan whose network is a closure: it sees the input and fills the outputs.
struct FakePlan: Plan {
  typealias Network = @Sendable (_ input: TensorBuffer) throws -> [Tensor]
  let info: PlanInfo
  let network: Network

  init(
    input: [Dimension],
    outputs: [TensorType] = [],
    contract: ModelContract? = nil,
    inputScalarType: ScalarType = .float32,
    network: @escaping Network = { _ in [] }
  ) {
    info = PlanInfo(
      backend: "fake",
      inputs: [Binding(name: "images", type: TensorType(inputScalarType, input))],
      outputs: outputs.enumerated().map { Binding(name: "output\($0.offset)", type: $0.element) },
      layers: [],
      contract: contract
    )
    self.network = network
  }

  func makeSession() throws -> sending any Session { FakeSession(self) }
}

/// Remembers which memory it lent and in which shapes it ran.
final class FakeSession: Session {
  private let plan: FakePlan
  private var inputBuffer: TensorBuffer?
  private var outputBuffers: [TensorBuffer] = []
  /// How many input buffers were made.
  private(set) var inputCount = 0
  /// The input's shape in each run.
  private(set) var shapes: [Shape] = []
  /// The input's buffer in each run.
  private(set) var buffers: [ObjectIdentifier] = []

  init(_ plan: FakePlan) { self.plan = plan }

  var outputNames: [String] { plan.info.outputs.map(\.name) }

  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    if let inputBuffer, inputBuffer.shape == shape { return inputBuffer }
    inputCount += 1
    let buffer = TensorBuffer(shape: shape, scalarType: plan.info.inputs[0].type.scalarType)
    inputBuffer = buffer
    return buffer
  }

  func run(observer: (any SessionObserver)?) throws {
    guard let inputBuffer else { return }
    shapes.append(inputBuffer.shape)
    buffers.append(ObjectIdentifier(inputBuffer))
    outputBuffers = try plan.network(inputBuffer).map { tensor in
      let buffer = TensorBuffer(shape: tensor.shape, scalarType: tensor.scalarType)
      try buffer.copy(tensor)
      return buffer
    }
  }

  func output(_ name: String) throws -> TensorBuffer {
    outputBuffers[plan.info.outputs.firstIndex { $0.name == name } ?? 0]
  }
}

extension ModelContract {
  /// A detection network of a few classes at 64×64.
  static func test(
    _ head: Head = .decoded,
    classCount: Int = 2,
    levels: [Level] = [Level(stride: 32, anchors: [Anchor(width: 10, height: 20)])]
  ) -> ModelContract {
    var contract = ModelContract(
      task: .detect,
      family: "test",
      classNames: (0..<classCount).map { "class\($0)" },
      levels: levels,
      inputSize: [64, 64]
    )
    contract.head = head
    return contract
  }
}
