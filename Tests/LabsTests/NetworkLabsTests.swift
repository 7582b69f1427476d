import Diagnostics
import Files
import Metrics
import Testing

@testable import Labs

/// Networks and plans that programs hand over: right, wrong and hostile.
@Suite struct NetworkLabsTests {
  private func answer(_ bytes: [UInt8], _ probes: [Probe]) throws -> NetworkAnswer {
    let folder = try WorkFolder()
    try AtomicFile.write(bytes, to: folder.path + "/model.onnx")
    return try NetworkAnswer(folder.path, "model.onnx", probes: probes)
  }

  @Test func readsNetworksOfStrangers() throws {
    var random = SplitMix(seed: 7)
    let task = ExportTask()
    let problem = try task.problem("dynamic", index: 1, random: &random)
    let right = try task.reference(problem)
    #expect(right.problems == [] && right.runs.allSatisfy { $0 != nil })
    #expect(try answer([], problem.probes).problems != [])
    for length in stride(from: 0, to: right.bytes.count, by: 97) {
      let cut = try answer(Array(right.bytes[..<length]), problem.probes)
      #expect(!cut.problems.isEmpty || cut.runs.contains { $0 == nil }, "\(length) bytes")
    }
    for _ in 0..<400 {
      var bytes = right.bytes
      bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256))
      _ = try answer(bytes, problem.probes)
    }
    #expect(
      errorID { _ = try NetworkAnswer(WorkFolder().path, "model.onnx", probes: []) }
        == .answerMissing
    )
  }

  @Test func refusesNetworksThatWantTooMuch() throws {
    let work = try WorkFolder()
    // A Resize by a million, an operator that makes much from nothing, data beside the file.
    let program = """
      import sys
      sys.path.insert(0, sys.argv[1])
      from onnx_io import float32, int64, write_onnx

      def model(nodes, weights):
          return {"opset": 17, "inputs": [{"name": "images", "shape": [1, 3, 8, 8]}],
                  "outputs": [{"name": "output", "shape": ["a", "b", "c", "d"]}],
                  "nodes": nodes, "weights": weights}

      def node(op, inputs, output="output", **attributes):
          return {"op": op, "name": output, "inputs": inputs, "outputs": [output],
                  "attributes": attributes}

      write_onnx(".", "large.onnx", model(
          [node("Resize", ["images", "", "s"], mode="nearest")], {"s": float32(1, 1, 30000, 30000)}))
      write_onnx(".", "fill.onnx", model(
          [node("ConstantOfShape", ["s"], "f"), node("Add", ["images", "f"])],
          {"s": int64(1, 3, 100000, 100000)}))
      write_onnx(".", "many.onnx", model(
          [node("Relu", ["images" if i == 0 else f"v{i - 1}"], "output" if i == 2999 else f"v{i}")
           for i in range(3000)], {}))
      """
    try work.write(program, "make.py")
    let shared = courseFolder + "/shared/python"
    let outcome = try LearnerProgram(
      command: ["python3", "make.py", shared],
      folder: work.path,
      limits: RunLimits(),
      startsStrong: false
    ).run()
    try #require(outcome.ending == .exited(0), "\(outcome.errors)")
    let probe = Probe(batch: 1, height: 8, width: 8, seed: 1)
    for name in ["large", "fill", "many"] {
      let answer = try NetworkAnswer(work.path, name + ".onnx", probes: [probe])
      #expect(answer.runs[0] == nil, "\(name)")
      #expect(answer.failure != nil || !answer.problems.isEmpty, "\(name)")
    }
  }

  @Test func readsPlansOfStrangers() throws {
    var random = SplitMix(seed: 3)
    let task = BuildTask(cache: courseFolder + "/../.cache")
    let problem = try task.problem("recipe", index: 1, random: &random)
    let built = try task.plan(problem)
    let folder = try WorkFolder()
    try folder.write("{}", "manifest.json")
    func answer(_ bytes: [UInt8]) throws -> BuildTask.Answer {
      try AtomicFile.write(bytes, to: folder.path + "/model.plan")
      return try task.read(folder.path, of: problem)
    }
    // Whole, but of no file with this digest.
    #expect(try answer(built).problem == nil)
    #expect(try !answer(built).isOfModel)
    for length in stride(from: 0, to: built.count, by: built.count / 40) {
      #expect(try answer(Array(built[..<length])).problem != nil)
    }
    for _ in 0..<100 {
      var bytes = built
      bytes[random.index(below: bytes.count)] ^= UInt8(1 + random.index(below: 255))
      #expect(try answer(bytes).problem != nil)
    }
  }
}
