import FoundationEssentials
import Graphs
import Tensors
import TestSupport
import Testing

@testable import Formats

/// The contract goes through a file unchanged, and foreign files tell what they can.
@Suite struct ContractMetadataTests {
  @Test func roundTrip() throws {
    var graph = Graph(name: "g")
    let input = graph.addInput("images", TensorType(.float32, [1, 3, .symbol("h"), 64]))
    let scale = graph.addConstant("s", Tensor(scalar: Float(2)))
    let result = try graph.add(
      Mul(),
      [input, scale],
      name: "scaled",
      provenance: Provenance(modules: ["model.0.conv", "model.0.act"], nodes: ["a"])
    )
    graph.markOutput(result[0], named: "output0")
    graph.metadata = ["author": "someone"]
    var contract = ModelContract(
      task: .detect,
      family: "YOLOv5 v7.0",
      classNames: ["it's", "a \"quote\"", "名\n"],
      levels: [.init(stride: 8, anchors: [.init(width: 10, height: 13.5)])],
      inputSize: [64, 64]
    )
    contract.head = .raw
    graph.contract = contract
    let bytes = try ONNXWriter.encode(graph, opset: 13)
    let copy = try ONNXReader.read(bytes: bytes)
    #expect(copy.contract == contract)
    #expect(copy.metadata["author"] == "someone")
    #expect(copy.metadata["stride"] == "8")
    #expect(PythonLiteral(copy.metadata["names"] ?? "")?.texts == contract.classNames)
    #expect(copy.nodes.first?.provenance.modules == ["model.0.conv", "model.0.act"])
    #expect(copy[copy.inputs[0]].type == graph[graph.inputs[0]].type)
    #expect(copy[copy.outputs[0]].name == "output0")
    // The streamed file is the same as the one in memory.
    let file = TemporaryFile(suffix: ".onnx")
    try ONNXWriter.write(graph, to: file.path, opset: 13)
    #expect(try [UInt8](Data(contentsOf: URL(filePath: file.path))) == bytes)
  }

  @Test func pythonLiterals() {
    #expect(PythonLiteral("{0: 'a', 1: \"it's\"}")?.texts == ["a", "it's"])
    #expect(PythonLiteral("['a', 'b\\u00e9\\x41']")?.texts == ["a", "béA"])
    #expect(PythonLiteral("[640, 640]") == .list([.number(640), .number(640)]))
    #expect(PythonLiteral("(1, None, True,)") == .list([.number(1), .none, .bool(true)]))
    #expect(PythonLiteral("{1: 'a'}")?.texts == nil)
    for wrong in ["__import__('os')", "{0: 'a'", "'a", "[1 2]", "", "1 2", "'\\u12'"] {
      #expect(PythonLiteral(wrong) == nil, "\(wrong)")
    }
    #expect(PythonLiteral(String(repeating: "[", count: 100_000)) == nil)
  }

  @Test(.enabled(if: SharedData.isAvailable))
  func foreignFiles() throws {
    let half = try ONNXReader.read(
      path: SharedData.path("models/foreign_yolov5n_fp16_opset17.onnx")
    )
    #expect(half.contract?.classNames.count == 80)
    #expect(half.contract?.levels.map(\.stride) == [8, 16, 32])
    #expect(half[half.inputs[0]].type.description == "float16[1, 3, 640, 640]")
    #expect(half[half.outputs[0]].type.description == "float16[1, 25200, 85]")
    #expect(half.nodes.first?.provenance.modules == ["model.0.conv"])
    let heads = try ONNXReader.read(path: SharedData.path("models/foreign_3head_opset12.onnx"))
    #expect(heads.contract?.head == .raw)
    #expect(heads.contract?.classNames.count == 24)
    #expect(heads.contract?.levels.map(\.stride) == [8, 16, 32])
    // The dynamic export computes shapes in the graph.
    guard OperatorCatalog.standard["ConstantOfShape"] != nil else { return }
    let dynamic = try ONNXReader.read(
      path: SharedData.path("models/reference_yolov5n_v7.0_opset17_dynamic.onnx")
    )
    #expect(dynamic.contract?.classNames.first == "person")
    #expect(dynamic[dynamic.inputs[0]].type.description == "float32[batch, 3, height, width]")
  }
}
