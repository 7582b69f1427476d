import Backends
import Diagnostics
import Graphs
import Tensors
import TestSupport
import Testing

@Suite("Every backend on every operator")
struct OperatorConformanceTests {
  /// Cases that a backend need not pass, with the reason.
  private static let ignored: [String: [String: String]] = [
    "onnxruntime": [:],
    "openvino": openVINO,
  ]

  /// What OpenVINO 2026.4 does otherwise. None of it occurs in YOLOv5's networks.
  private static let openVINO: [String: String] = [
    "AveragePool-12": "counts padding that ceil_mode adds beyond the declared pads",
    "MatMul-8": "reads a constant without elements as a scalar",
    "Gather-4": "reads a constant without elements as a scalar",
    "Expand-3": "has no results without elements",
    "TopK-4": "refuses to keep 0 elements",
    "Range-7": "runs towards a limit that lies on the other side of the start",
    "Range-8": "runs towards a limit that lies on the other side of the start",
    "Pad-7": "has no padding mode wrap",
    "Pad-8": "has no padding mode wrap",
    "ReduceL2-4": "leaves the magnitude out where there is no axis to reduce",
  ].merging((49...60).map { ("Resize-\($0)", "has no half_pixel_symmetric coordinates") }) { $1 }

  @Test("One-node graphs give the recorded results", arguments: TestedBackend.available)
  func operators(_ tested: TestedBackend) async throws {
    let ignored = Self.ignored[tested.name] ?? [:]
    var failures: [String] = []
    for example in OperatorCase.all where ignored[example.name] == nil {
      do {
        if let problem = try await problem(tested, example) {
          failures.append("\(example.name): \(problem)")
        }
      } catch { failures.append("\(example.name): \(error)") }
    }
    #expect(failures.isEmpty, "\(failures.count): \(failures.joined(separator: "\n"))")
  }

  @Test("Every ignored case exists")
  func ignoreLists() {
    let names = Set(OperatorCase.all.map(\.name))
    for (backend, cases) in Self.ignored {
      #expect(cases.keys.allSatisfy(names.contains), "\(backend)")
    }
  }

  /// The first operand is the input; the others are constants, as shape rules want them.
  private func problem(_ tested: TestedBackend, _ example: OperatorCase) async throws -> String? {
    guard let op = try example.makeOperator() else { return "is not in the catalogue" }
    var graph = Graph(name: example.name)
    var feeds: [String: Tensor] = [:]
    var operands: [ValueID?] = []
    for (index, tensor) in example.inputs.enumerated() {
      guard let tensor else {
        operands.append(nil)
        continue
      }
      if index == 0 {
        feeds["x"] = tensor
        operands.append(graph.addInput("x", TensorType(tensor.scalarType, tensor.shape)))
      } else {
        operands.append(graph.addConstant("c\(index)", tensor))
      }
    }
    let results = try graph.add(op, operands, name: "node")
    for (index, id) in results.enumerated() { graph.markOutput(id, named: "y\(index)") }
    var configuration = BuildConfiguration()
    configuration.optimization = .none
    configuration.threadCount = 1
    let plan = try await tested.backend.build(graph, configuration: configuration).plan
    let outputs = try plan.makeSession().run(feeds)
    for (index, expected) in example.outputs.enumerated() {
      guard let actual = outputs["y\(index)"] else { return "output \(index) is missing" }
      guard actual.shape == expected.shape, actual.scalarType == expected.scalarType else {
        return "output \(index) is \(actual.scalarType)\(actual.shape)"
      }
      let pairs = zip(try actual.floats(), try expected.floats())
      let isHalf = expected.scalarType == .float16 && op.tolerance != .exact
      let tolerance = isHalf ? Tolerance.half : op.tolerance
      guard pairs.allSatisfy({ tolerance.accepts(Double($0), Double($1)) }) else {
        return "output \(index) differs"
      }
    }
    return nil
  }
}
