import Graphs
import Metrics
import Passes
import Tensors
import Testing

@Suite struct PrecisionProofTests {
  /// Three convolutions in 8 bits and one that is not, as an engine might run them.
  private func proof(
    _ tactics: [String],
    required: Double = 0.5
  ) throws -> PrecisionProof {
    var graph = Graph(name: "four")
    var value = graph.addInput("images", TensorType(.float32, [1, 4, 8, 8]))
    for name in ["a", "b", "c", "d"] {
      let weights = graph.addConstant(
        name + ".weight",
        try Tensor([Float](repeating: 0.5, count: 16), shape: [4, 4, 1, 1])
      )
      value = try graph.add(
        Conv(kernelShape: [1, 1]),
        [value, weights],
        name: name,
        provenance: Provenance(modules: ["model.\(name)"])
      )[0]
    }
    graph.markOutput(value)
    var pass = InsertQuantization(
      ranges: Dictionary(
        uniqueKeysWithValues: ["images", "a", "b", "c", "d"].map {
          ($0, QuantizationRange(lower: -1, upper: 1))
        }
      )
    )
    pass.keptNodes = ["c"]
    let quantized = try PassManager([pass, RemoveDeadCode()]).run(on: graph).graph
    let names = ["a", "b", "c", "d"]
    var layers = zip(names, tactics).map { name, tactic in
      LayerMeasurement(
        name: name,
        tactic: tactic,
        nodes: [name],
        precision: tactic.contains("int8") ? "int8" : tactic.contains("f32") ? "float32" : "",
        milliseconds: 1
      )
    }
    let copy = LayerMeasurement(name: "r", tactic: "copy int8→f32", milliseconds: 0.25)
    layers.insert(copy, at: min(2, layers.count))
    let profile = LayerProfile(
      model: "four.onnx",
      backend: "engine",
      version: "1",
      source: "",
      layers: layers
    )
    return PrecisionProof(profile, of: quantized, requiredShare: required)
  }

  @Test func whatRanAsAskedPasses() throws {
    let proof = try proof(["direct int8", "direct int8", "direct f32", "direct int8"])
    #expect(proof.layers.map(\.asked) == ["int8", "int8", "float32", "int8"])
    #expect(proof.passes && proof.differing.isEmpty && proof.asksForBytes)
    #expect(proof.bytesShare == 0.75)
    #expect(proof.histogram.map(\.precision) == ["int8", "float32"])
    #expect(proof.reformats.map(\.tactic) == ["copy int8→f32"])
    let island = try #require(proof.islands.first)
    #expect(proof.islands.count == 1 && island.places == ["c"] && island.reformatCount == 1)
    #expect(island.milliseconds == 1.25)
    // Three quarters are not enough where more is required.
    #expect(try !self.proof(["int8", "int8", "f32", "int8"], required: 0.95).passes)
  }

  @Test func anotherPrecisionFails() throws {
    let silent = try proof(["direct int8", "direct f32", "direct f32", "direct int8"])
    #expect(!silent.passes && silent.differing.map(\.tactic) == ["direct f32"])
    #expect(silent.differing.count == 1 && silent.bytesShare == 0.5)
    let unknown = try proof(["direct int8", "gemm", "direct f32", "direct int8"])
    #expect(!unknown.passes && unknown.differing.map(\.executed) == [""])
    #expect(unknown.histogram.contains { $0.precision == "not told" && $0.share == 0.25 })
    // Nothing that ran proves nothing.
    #expect(try !proof([]).passes)
  }
}

@Suite struct SensitivityRecordTests {
  private func record(_ plans: [(loss: Double, milliseconds: Double)]) -> SensitivityRecord {
    var record = SensitivityRecord(
      model: "m",
      dataset: "d",
      pictureCount: 1,
      method: .mse,
      scheme: .asymmetric,
      threadCount: 1,
      floatAveragePrecision: 0.4
    )
    record.plans = plans.map {
      PrecisionPlan(
        kept: [],
        averagePrecision: 0.4 - $0.loss,
        agreement: 0.5,
        milliseconds: $0.milliseconds,
        quantizedShare: 1
      )
    }
    return record
  }

  @Test func theFrontIsWhatNothingBeats() {
    let record = record([(0.01, 10), (0.012, 11), (0.004, 13), (0.004, 14), (0, 20)])
    #expect(record.front.map(\.milliseconds) == [10, 13, 20])
    // 10 ms for 0.01 of AP: 1 ms for 0.001.
    #expect(abs((record.millisecondsPerTenth ?? 0) - 1) < 1e-9)
    #expect(self.record([(0.01, 10)]).millisecondsPerTenth == nil)
  }

  @Test func withoutLabelsAgreementDecides() {
    var record = record([(0, 1)])
    record.floatAveragePrecision = nil
    #expect(record.loss(record.plans[0]) == 0.5)
  }
}
