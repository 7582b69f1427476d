import Backends
import BackendsNative
import Files
import Graphs
import Tensors
import TestSupport
import Testing

/// One network with a layer of every kind that a plan can hold.
enum PlanNetwork {
  static func make() throws -> Network {
    var net = Network(5, "everything")
    let x = net.input("x", [1, 3, 16, 16])
    let ids = net.input("ids", [2], .int64)
    let stem = try net.add(
      SiLU(),
      net.convolution(x, to: 12, kernel: [6, 6], strides: [2, 2], pads: [2, 2, 2, 2])
    )
    let c = try net.add(SiLU(), net.convolution(stem, to: 16))
    let sum = try net.add(Add(), c, net.add(Relu(), net.convolution(c, to: 16)))
    let parts = try net.addAll(Split(axis: 1, outputCount: 2), [sum])
    let pooled = try net.add(
      MaxPool(kernelShape: [5, 5], strides: [1, 1], pads: [2, 2, 2, 2]),
      parts[0]
    )
    let deep = try net.convolution(parts[1], to: 8, groups: 8)
    let grouped = try net.convolution(sum, to: 6, groups: 2)
    let normal = try net.normalization(parts[0])
    let joined = try net.addAll(Concat(axis: 1), [pooled, deep, normal, grouped])[0]
    let step = net.constant(try Tensor([0.05 as Float], shape: []))
    let zero = net.constant(Tensor(scalar: UInt8(120)))
    var q = try net.add(
      DequantizeLinear(),
      net.add(QuantizeLinear(), joined, step, zero),
      step,
      zero
    )
    let scales = net.constant(try Tensor([Float](repeating: 0.002, count: 8), shape: [8]))
    let bytes = net.constant(
      try Tensor((0..<8 * 30).map { Int8(($0 &* 37) % 127) }, shape: [8, 30, 1, 1])
    )
    q = try net.add(Conv(), q, net.add(DequantizeLinear(axis: 0), bytes, scales))
    q = try net.add(DequantizeLinear(), net.add(QuantizeLinear(), q, step, zero), step, zero)
    let up = try net.add(
      Resize(coordinateTransformation: .asymmetric, nearestMode: .floor),
      q,
      nil,
      net.constant(try Tensor([1, 1, 2, 2] as [Float], shape: [4]))
    )
    let odd = try net.add(Abs(), up)
    let gathered = try net.add(Gather(axis: 2), odd, ids)
    let heads = try [joined, up].map {
      try net.head($0, anchors: 2, fields: 7, masks: 1, stride: 8)
    }
    net.graph.markOutput(try net.addAll(Concat(axis: 1), heads)[0], named: "boxes")
    net.graph.markOutput(try net.add(SiLU(), gathered), named: "rows")
    net.graph.markOutput(q, named: "bytes")
    return net
  }

  static func inputs() throws -> [String: Tensor] {
    var net = Network(11)
    return [
      "x": try net.tensor([1, 3, 16, 16], 2), "ids": try Tensor([3, 9] as [Int64], shape: [2]),
    ]
  }

  /// The plan file of ``make()``.
  static func bytes(
    level: Int = 0,
    cache: String? = nil,
    precision: ScalarType? = nil
  ) async throws -> BuiltPlanFile {
    var options = PlanBuildOptions()
    options.threadCount = 1
    options.level = level
    options.timingCache = cache
    options.precision = precision
    return try await NativeBackend().buildPlanFile(
      make().graph,
      options: options,
      source: PlanSource(name: "everything.onnx", digest: "0"),
      progress: { _ in }
    )
  }

  /// Loads a plan and runs it once where its inputs are small.
  static func run(
    _ bytes: [UInt8],
    in file: TemporaryFile,
    _ backend: NativeBackend = NativeBackend()
  ) throws -> [String: Tensor] {
    file.replace(with: bytes)
    let plan = try backend.loadPlan(path: file.path, configuration: configuration())
    _ = try backend.describePlan(path: file.path)
    let session = try plan.makeSession()
    let example = try inputs()
    for input in plan.info.inputs {
      let shape = input.type.shape ?? [1, 3, 8, 8]
      guard let count = Shape.checkedCount(shape.dimensions), count <= 1 << 20 else { continue }
      let buffer = try session.input(input.name, shape: shape)
      if let tensor = example[input.name] { try? buffer.copy(tensor) }
    }
    try session.run(observer: nil)
    var results: [String: Tensor] = [:]
    for name in session.outputNames { results[name] = try session.output(name).tensor() }
    return results
  }
}
