import Backends
import CAllocationCounter
import Graphs
import Images
import Tensors
import Testing

@testable import Detectors

/// The stages around the network reuse their memory: after the first picture only the answer's
/// array is allocated.
@Suite(.enabled(if: allocations_are_counted(), "a sanitizer has its own allocator"))
struct AllocationTests {
  /// Lends the same buffers again and again, as a real session does.
  final class StillSession: Session {
    let outputNames = ["output"]
    let inputBuffer: TensorBuffer
    let outputBuffer: TensorBuffer

    init(input: TensorBuffer, output: TensorBuffer) {
      inputBuffer = input
      outputBuffer = output
    }
    func input(_ name: String, shape: Shape) throws -> TensorBuffer { inputBuffer }
    func run(observer: (any SessionObserver)?) throws {}
    func output(_ name: String) throws -> TensorBuffer { outputBuffer }
  }

  @Test("the counter counts")
  func counter() {
    let before = allocations_of_this_thread()
    let array = [Int](repeating: 1, count: Int.random(in: 100...200))
    #expect(allocations_of_this_thread() > before)
    #expect(array.count > 99)
  }

  @Test(
    "one allocation a picture after the first: its detections",
    arguments: [Letterbox.Rule.detection, .evaluation],
    [ModelContract.Head.decoded, .raw]
  )
  func steadyState(rule: Letterbox.Rule, head: ModelContract.Head) throws {
    let levels = [
      ModelContract.Level(stride: 32, anchors: [ModelContract.Anchor(width: 40, height: 60)])
    ]
    let contract = ModelContract.test(head, levels: levels)
    let plan = FakePlan(input: [1, 3, 64, 64], contract: contract)
    var options = Detector.Options()
    options.rule = rule
    let detector = try Detector(plan: plan, options: options)
    let session = StillSession(
      input: TensorBuffer(shape: [1, 3, 64, 64], scalarType: .float32),
      output: TensorBuffer(
        shape: head == .raw ? [1, 1, 2, 2, 7] : [1, 200, 7],
        scalarType: .float32
      )
    )
    // 200 overlapping boxes (enough for the radix sort), all above the threshold.
    try session.outputBuffer.withScalars(of: Float.self) { values in
      for index in values.indices { values[index] = 0.9 + Float(index % 13) / 1000 }
    }
    let detecting = try DetectionSession(detector, session)
    let image = Image(width: 200, height: 120)
    _ = try detecting.detect(image)
    let before = allocations_of_this_thread()
    var found = 0
    for _ in 0..<20 { found += try detecting.detect(image).detections.count }
    let count = allocations_of_this_thread() - before
    #expect(found > 0)
    #expect(count <= 20, "\(count) allocations in 20 pictures")
  }
}
