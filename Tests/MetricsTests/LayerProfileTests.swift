import Backends
import Graphs
import Metrics
import Tensors
import Testing

/// Conv → Sigmoid → Mul (with the Conv) → Conv → Add (with the first product) → Reshape.
private func network() throws -> Graph {
  var graph = Graph(name: "network")
  let input = graph.addInput("images", TensorType(.float32, Shape([1, 3, 32, 32])))
  let module = { (path: String) in Provenance(modules: [path], nodes: []) }
  func convolution(
    _ name: String,
    _ value: ValueID,
    _ from: Int,
    _ path: String
  ) throws -> ValueID {
    let weight = graph.addConstant(
      name + ".weight",
      try Tensor([Float](repeating: 0, count: 8 * from), shape: Shape([8, from, 1, 1]))
    )
    let op = try Conv(attributes: Attributes([:]), outputCount: 1)
    return try graph.add(op, [value, weight], name: name, provenance: module(path))[0]
  }
  func add(_ op: any Operator, _ values: [ValueID], _ name: String, _ path: String) throws
    -> ValueID
  {
    try graph.add(op, values, name: name, provenance: module(path))[0]
  }
  let first = try convolution("first", input, 3, "model.0.conv")
  let none = Attributes([:])
  let squash = try add(
    Sigmoid(attributes: none, outputCount: 1),
    [first],
    "act.squash",
    "model.0.act"
  )
  let product = try add(
    Mul(attributes: none, outputCount: 1),
    [first, squash],
    "act",
    "model.0.act"
  )
  let second = try convolution("second", product, 8, "model.1.conv")
  let sum = try add(Add(attributes: none, outputCount: 1), [product, second], "sum", "model.1")
  graph.markOutput(sum, named: "features")
  return graph
}

private func layer(_ name: String, _ milliseconds: Double = 1) -> LayerMeasurement {
  LayerMeasurement(name: name, milliseconds: milliseconds)
}

private func profile(_ names: [String], sources: [String] = []) throws -> LayerProfile {
  LayerProfile(
    model: "network",
    backend: "test",
    version: "1",
    source: "a clock",
    layers: names.map { layer($0) },
    totalMilliseconds: 10
  ).attributed(to: try network(), sources: sources)
}

private let map = 32 * 32 * 4

@Suite("Layers of an engine, traced to the graph")
struct LayerProfileTests {
  @Test("What no layer names was fused into where its operand was computed")
  func fused() throws {
    let layers = try profile(["first/WithoutBiases", "second"]).layers
    #expect(layers[0].nodes == ["first", "act.squash", "act"])
    #expect(layers[0].modules == ["model.0.conv", "model.0.act"])
    #expect(layers[0].place == "model.0.{conv, act}")
    #expect(layers[1].nodes == ["second", "sum"])
    #expect(layers[1].operators == ["Conv", "Add"])
  }

  @Test("Traffic counts what enters and leaves, not what stays inside")
  func traffic() throws {
    let layers = try profile(["first/WithoutBiases", "second"]).layers
    let weights = 8 * 3 * 4
    #expect(layers[0].bytesRead == Int64(3 * map + weights))
    #expect(layers[0].bytesWritten == Int64(8 * map))
    let more = 8 * 8 * 4
    #expect(layers[1].bytesRead == Int64(8 * map + more))
    // The input of the sum from before is the same value as the convolution's.
    #expect(layers[1].bytesWritten == Int64(8 * map))
    let perPixel = 8 * 3 + 8 + 8
    #expect(layers[0].operations == Int64(2 * perPixel * 32 * 32))
  }

  @Test("A sigmoid beside its product goes to the layer that the engine made of both")
  func beside() throws {
    let layers = try profile(["first_nchwc", "act/QuickGeluFusion/", "second_nchwc", "sum"]).layers
    #expect(layers.map(\.nodes) == [["first"], ["act.squash", "act"], ["second"], ["sum"]])
  }

  @Test("A layer and the reordering of its input: the node is the layer's, the module both's")
  func reordering() throws {
    let layers = try profile(["images_abcd_acdb_first", "first", "second"]).layers
    #expect(layers[0].nodes == [] && layers[0].operations == nil)
    #expect(layers[0].modules == ["model.0.conv"])
    #expect(layers[1].nodes == ["first", "act.squash", "act"])
  }

  @Test("TensorRT's fused names and metadata name several nodes")
  func tensorRT() throws {
    let names = ["first + PWN(PWN(act.squash), act)", "__myl_0x12"]
    let layers = try profile(names, sources: ["", "[ONNX Layer: second]\u{1E}[ONNX Layer: sum]"])
      .layers
    #expect(layers.map(\.nodes) == [["first", "act.squash", "act"], ["second", "sum"]])
  }

  @Test("Modules add up to the layers")
  func modules() throws {
    let whole = try profile(["first/WithoutBiases", "second", "stranger"])
    let modules = whole.modules()
    #expect(modules.map(\.module).sorted() == ["", "model.0", "model.1"])
    #expect(modules.reduce(0) { $0 + $1.milliseconds } == 3)
    #expect(modules.first { $0.module == "model.0" }?.layerCount == 1)
    #expect(whole.betweenLayersMilliseconds == 7)
    #expect(whole.share(of: whole.layers[0]) == 0.1)
  }

  @Test("Views of the same bytes move nothing")
  func views() throws {
    var graph = Graph(name: "view")
    let input = graph.addInput("x", TensorType(.float32, Shape([4, 4])))
    let flat = try graph.add(
      try Flatten(attributes: Attributes([:]), outputCount: 1),
      [input],
      name: "flat"
    )
    graph.markOutput(flat[0], named: "y")
    let result = LayerProfile(
      model: "view",
      backend: "test",
      version: "",
      source: "",
      layers: [layer("flat")]
    ).attributed(to: graph)
    #expect(result.layers[0].bytes == 0)
  }
}

@Suite("The roofline")
struct RooflinePointTests {
  private let peaks = MachinePeaks(
    processor: "test",
    threadCount: 1,
    arithmetic: [
      .init(precision: "float32", gigaOperationsPerSecond: 100, method: "FMA"),
      .init(precision: "int8", gigaOperationsPerSecond: 400, method: "VNNI"),
    ],
    memoryGigabytesPerSecond: 10,
    cacheGigabytesPerSecond: 50,
    cacheByteCount: 1_000_000,
    method: "made up"
  )

  private func place(
    _ operations: Int64,
    _ bytes: Int64,
    _ milliseconds: Double,
    _ precision: String = "float32"
  ) -> RooflinePoint? {
    RooflinePoint(
      operations: operations,
      bytes: bytes,
      milliseconds: milliseconds,
      precision: precision,
      peaks: peaks
    )
  }

  @Test("Much arithmetic per byte is bound by compute")
  func compute() throws {
    // 1e8 operations at 100 GFLOP/s take 1 ms; 2e6 bytes at 10 GB/s take 0.2 ms.
    let found = try #require(place(100_000_000, 2_000_000, 2))
    #expect(found.bound == .compute)
    #expect(abs(found.shareOfPeak - 0.5) < 1e-12)
    #expect(found.arithmeticIntensity == 50)
  }

  @Test("The ridge moves with the precision, and with whether the bytes fit into the caches")
  func ridge() throws {
    #expect(place(100_000_000, 5_000_000, 2)?.bound == .compute)
    #expect(place(100_000_000, 5_000_000, 2, "int8")?.bound == .memory)
    // Not measured: judged as float32.
    #expect(place(100_000_000, 5_000_000, 2, "float16")?.bound == .compute)
    // 0.9 MB from the caches take 0.018 ms, not 0.09.
    let cached = try #require(place(0, 900_000, 0.1))
    #expect(abs(cached.shareOfPeak - 0.18) < 1e-12)
  }

  @Test("Below a tenth of what is attainable, it is overhead")
  func overhead() {
    #expect(place(100_000_000, 0, 9.9)?.bound == .compute)
    #expect(place(100_000_000, 0, 10.1)?.bound == .overhead)
    #expect(place(0, 0, 1)?.bound == .overhead)
  }

  @Test("No time, no place")
  func noTime() {
    #expect(place(1, 1, 0) == nil)
  }
}

@Suite("Layer times over several runs")
struct LayerTimesTests {
  @Test("Medians per layer; equal names in one run are different layers")
  func medians() {
    let times = LayerTimes()
    let session = NoSession()
    let info = { (name: String) in
      LayerInfo(name: name, tactic: "jit_avx512_bf16", provenance: Provenance())
    }
    for milliseconds in [5, 1, 3] {
      times.session(session, didRun: info("a"), in: .milliseconds(milliseconds))
      times.session(session, didRun: info("a"), in: .milliseconds(10 * milliseconds))
      times.session(session, didFinish: .compute, in: .milliseconds(100))
    }
    #expect(times.layers.map(\.milliseconds) == [3, 30])
    #expect(times.layers[0].precision == "bfloat16")
    #expect(times.totals == [100, 100, 100])
    #expect(LayerTimes.median([1, 2]) == 1.5)
    #expect(LayerTimes.median([]) == nil)
  }
}

private final class NoSession: Session {
  let outputNames: [String] = []
  func input(_ name: String, shape: Shape) throws -> TensorBuffer {
    TensorBuffer(shape: shape, scalarType: .float32)
  }
  func run(observer: (any SessionObserver)?) throws {}
  func output(_ name: String) throws -> TensorBuffer {
    TensorBuffer(shape: Shape([1]), scalarType: .float32)
  }
}
