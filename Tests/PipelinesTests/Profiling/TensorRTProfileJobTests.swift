import Diagnostics
import Formats
import Graphs
import Metrics
import Pipelines
import Tensors
import TestSupport
import Testing

/// The network that the handwritten exports are of: Conv, Sigmoid, Mul, Conv, Add.
private func network() throws -> Graph {
  var graph = Graph(name: "network")
  let input = graph.addInput("images", TensorType(.float32, Shape([1, 3, 32, 32])))
  func convolution(_ name: String, _ value: ValueID, _ shape: [Int], _ stride: Int64) throws
    -> ValueID
  {
    let count = shape.reduce(1, *)
    let weight = graph.addConstant(
      name + ".weight",
      try Tensor([Float](repeating: 0, count: count), shape: Shape(shape))
    )
    let pad = Int64(shape[2] / 2)
    let attributes = Attributes([
      "strides": .ints([stride, stride]), "pads": .ints([pad, pad, pad, pad]),
    ])
    return try graph.add(
      try Conv(attributes: attributes, outputCount: 1),
      [value, weight],
      name: name,
      provenance: Provenance(modules: ["model.\(name)"])
    )[0]
  }
  func add(_ op: any Operator, _ values: [ValueID], _ name: String) throws -> ValueID {
    try graph.add(op, values, name: name, provenance: Provenance(modules: ["model.act"]))[0]
  }
  let first = try convolution("first", input, [8, 3, 3, 3], 2)
  let squash = try add(Sigmoid(attributes: Attributes(), outputCount: 1), [first], "squash")
  let product = try add(Mul(attributes: Attributes(), outputCount: 1), [first, squash], "product")
  let second = try convolution("second", product, [8, 8, 1, 1], 1)
  graph.markOutput(
    try add(Add(attributes: Attributes(), outputCount: 1), [product, second], "sum"),
    named: "features"
  )
  return graph
}

@Suite("TensorRT's exports as profiles")
struct TensorRTProfileJobTests {
  private let folder = SharedData.checkout + "/Tests/FormatsTests/Fixtures/tensorrt/"

  @Test("What an export says of precision is held against what the file asks for")
  func proven() async throws {
    let model = TemporaryFile(suffix: ".onnx")
    try ONNXWriter.write(try network(), to: model.path)
    var job = ProofJob(model: model.path)
    job.layerInformation = folder + "layers-10.json"
    let proof = try await job.run()
    let engine = try EngineDescription.read(path: folder + "layers-10.json")
    #expect(proof.layers.count == 2 && proof.layers.allSatisfy { $0.asked == "float32" })
    for layer in proof.layers {
      let said = engine.layers.compactMap { $0.scalarType?.rawValue }
      #expect(said.contains(layer.executed), "\(layer.place) \(layer.executed)")
    }
    #expect(proof.passes == proof.layers.allSatisfy { $0.executed == "float32" })
    job.layerInformation = model.path
    await #expect(throws: DeployError.self) { _ = try await job.run() }
  }

  @Test("Layers find their nodes by metadata and by name, and their times by name")
  func joined() throws {
    let model = TemporaryFile(suffix: ".onnx")
    try ONNXWriter.write(try network(), to: model.path)
    let job = TensorRTProfileJob(
      layers: folder + "layers-10.json",
      times: folder + "times-10.json",
      model: model.path
    )
    let profile = try job.run().profile
    #expect(profile.inputShape == [1, 3, 32, 32])
    #expect(profile.runCount == 40 && profile.precision == "float16")
    let layers = profile.layers
    #expect(layers.map(\.nodes) == [[], ["first", "squash", "product"], ["second", "sum"]])
    #expect(layers[1].modules == ["model.first", "model.act"])
    #expect(layers.map(\.milliseconds) == [0.009, 0.05, 0.031])
    // The definition's cost, of which the first layer's is also what TensorRT's description gives.
    let multiplyAdds = 8 * 16 * 16 * 27
    let activations = 2 * 8 * 16 * 16
    #expect(layers[1].operations == Int64(2 * (multiplyAdds + activations)))
    #expect(layers[0].operations == nil)
  }

  @Test("Without a model, the engine's own description tells the cost")
  func alone() throws {
    let profile = try TensorRTProfileJob(layers: folder + "layers-10.json").run().profile
    #expect(profile.layers[1].operations == Int64(2 * 8 * 16 * 16 * 27))
    #expect(profile.layers[1].bytesRead == Int64(3 * 32 * 32 * 2 + 216 * 2))
    #expect(profile.layers.allSatisfy { $0.milliseconds == nil })
    #expect(profile.totalMilliseconds == nil)
  }

  @Test("Files that do not belong together are joined as far as they go, and it is said")
  func strangers() throws {
    let result = try TensorRTProfileJob(
      layers: folder + "layers-11.json",
      times: folder + "times-old.json"
    ).run()
    #expect(result.profile.layers.count == 3)
    #expect(result.diagnostics.contains { $0.id == "profile.unmatched" })
    #expect(result.profile.source.contains("means"))
  }

  @Test("A model of which no layer names a node is a warning")
  func otherModel() throws {
    var graph = Graph(name: "other")
    let input = graph.addInput("x", TensorType(.float32, Shape([1, 3, 32, 32])))
    let node = try graph.add(
      Relu(attributes: Attributes(), outputCount: 1),
      [input],
      name: "elsewhere"
    )
    graph.markOutput(node[0], named: "y")
    let model = TemporaryFile(suffix: ".onnx")
    try ONNXWriter.write(graph, to: model.path)
    let result = try TensorRTProfileJob(layers: folder + "layers-names.json", model: model.path)
      .run()
    #expect(result.diagnostics.contains { $0.message.contains("names a node") })
  }
}
