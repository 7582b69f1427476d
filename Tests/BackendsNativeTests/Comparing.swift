import Backends
import BackendsNative
import Glibc
import Graphs
import Tensors
import Testing

/// How results are compared: the largest difference over the largest expected value.
struct Agreement {
  /// Of the largest expected value of each output.
  var relative: Double
  var absolute = 1e-5

  /// What differs, or nil.
  func difference(_ actual: [String: Tensor], _ expected: [String: Tensor]) throws -> String? {
    guard actual.keys.sorted() == expected.keys.sorted() else {
      return "\(actual.keys.sorted()) instead of \(expected.keys.sorted())"
    }
    for (name, tensor) in expected.sorted(by: { $0.key < $1.key }) {
      guard let other = actual[name], other.shape == tensor.shape,
        other.scalarType == tensor.scalarType
      else {
        return "\(name) is \(actual[name].map { "\($0.scalarType)\($0.shape)" } ?? "nothing")"
      }
      let (found, wanted) = (try other.floats(), try tensor.floats())
      let largest = wanted.reduce(0) { max($0, abs(Double($1))) }
      let limit = absolute + relative * largest
      for (index, (a, b)) in zip(found, wanted).enumerated()
      where !(abs(Double(a) - Double(b)) <= limit) {
        return "\(name)\(tensor.shape)[\(index)]: \(a) instead of \(b), limit \(limit)"
      }
    }
    return nil
  }
}

/// Whether two sets of results have the same bits.
func sameBits(_ left: [String: Tensor], _ right: [String: Tensor]) throws -> Bool {
  guard left.keys.sorted() == right.keys.sorted() else { return false }
  return try left.allSatisfy { name, tensor in
    guard let other = right[name], other.shape == tensor.shape else { return false }
    return try tensor.withBytes { Array($0) } == other.withBytes { Array($0) }
  }
}

/// A configuration of the native engine.
func configuration(
  threads: Int = 1,
  without disabled: String...,
  precision: ScalarType? = nil
) -> BuildConfiguration {
  var configuration = BuildConfiguration()
  configuration.threadCount = threads
  configuration.disabledOptimizations = Set(disabled)
  configuration.executionPrecisionHint = precision
  return configuration
}

/// The engine's results.
func native(
  _ graph: Graph,
  _ inputs: [String: Tensor],
  _ configuration: BuildConfiguration = configuration()
) async throws -> [String: Tensor] {
  let plan = try await NativeBackend().build(graph, configuration: configuration).plan
  let session = try plan.makeSession()
  let first = try session.run(inputs)
  // What one run leaves behind must not change the next.
  let second = try session.run(inputs)
  #expect(try sameBits(first, second))
  return second
}

/// Seeds of random networks: `count` of them, or a multiple of it.
func seeds(_ first: Int, _ count: Int) -> Range<Int> {
  let factor = getenv("VITRINE_RANDOM_NETWORKS").flatMap { Int(String(cString: $0)) } ?? 1
  return first..<(first + count * factor)
}
