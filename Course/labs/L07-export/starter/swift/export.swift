// Lab 7: a trained network becomes an ONNX file.
// Helpers: TensorIO.swift, ONNXFile.swift

struct Network: Decodable {
  struct Layer: Decodable {
    var name: String
    var type: String
    var inputs: [String]
    /// The names of its weights.
    var parts: [String]?
    // What only some kinds of layers have.
    var kernel: Int?
    var stride: Int?
    var padding: Int?
    var groups: Int?
    var epsilon: Float?
    var factor: Float?
  }
  var input: [Int]
  var output: String
  var opset: Int
  var dynamicBatch: Bool
  var layers: [Layer]
}

/// The model in the making.
struct Export {
  var model = Model()

  /// Adds a node that writes one value, called like the node.
  mutating func node(
    _ op: String, _ name: String, _ inputs: [String], _ attributes: [String: Attribute] = [:]
  ) {
    model.nodes.append(
      Node(op: op, name: name, inputs: inputs, outputs: [name], attributes: attributes))
  }

  /// Adds constant numbers; gives their name.
  mutating func weight(_ name: String, _ weight: Weight) -> String {
    model.weights[name] = weight
    return name
  }

  /// Adds the nodes for one layer, the last of them called `name`.
  ///
  /// `sources` are the names of the values that it reads, `parts` the names of its weights.
  mutating func add(_ layer: Network.Layer, _ name: String, _ sources: [String], _ parts: [String]) {
    switch layer.type {
    case "Conv2d":
      var attributes = ["group": Attribute.int(layer.groups ?? 1)]
      //@fade 3 en: kernel_shape, strides, and pads: top, left, bottom, right | zh-Hans: kernel_shape、strides，以及 pads：上、左、下、右
      //@instead attributes["group"] = .int(layer.groups ?? 1)
      let (kernel, stride, pad) = (layer.kernel ?? 1, layer.stride ?? 1, layer.padding ?? 0)
      attributes["kernel_shape"] = .ints([kernel, kernel])
      attributes["strides"] = .ints([stride, stride])
      attributes["pads"] = .ints([pad, pad, pad, pad])
      //@end
      node("Conv", name, sources + parts, attributes)
    case "BatchNorm2d":
      //@fade 3 en: its epsilon is not ONNX's default | zh-Hans: 它的 epsilon 与 ONNX 的默认值不同
      //@instead node("BatchNormalization", name, sources + parts)
      node("BatchNormalization", name, sources + parts, ["epsilon": .float(layer.epsilon ?? 0)])
      //@end
    case "SiLU":
      node("Sigmoid", name + ".gate", sources)
      //@fade 3 en: SiLU(x) is x times its sigmoid | zh-Hans: SiLU(x) 等于 x 乘以它的 sigmoid
      //@instead node("Identity", name, [name + ".gate"])
      node("Mul", name, [sources[0], name + ".gate"])
      //@end
    case "Hardswish":
      //@fade 2 en: an operator of its own from set 14 on; before, x times HardSigmoid with alpha 1/6 and beta 1/2 | zh-Hans: 从第 14 版起有专门的算子；之前写成 x 乘以 HardSigmoid（alpha 1/6，beta 1/2）
      //@instead node("HardSwish", name, sources)
      if model.opset >= 14 {
        node("HardSwish", name, sources)
      } else {
        node("HardSigmoid", name + ".gate", sources, ["alpha": .float(1 / 6), "beta": .float(0.5)])
        node("Mul", name, [sources[0], name + ".gate"])
      }
      //@end
    case "Upsample":
      let factor = layer.factor ?? 1
      let scales = weight(name + ".scales", Weight([1, 1, factor, factor]))
      // Its second operand is a region that only another mode reads; up to set 12 it must be there.
      let region = weight(name + ".region", Weight([Float]()))
      node(
        "Resize", name, [sources[0], region, scales],
        [
          "mode": "nearest", "coordinate_transformation_mode": "asymmetric",
          "nearest_mode": "floor",
        ]
      )
    case "Concat":
      node("Concat", name, sources, ["axis": 1])
    case "Mean":
      //@fade 2 en: the mean over axes 2 and 3; up to set 17 axes are an attribute, from 18 on an input | zh-Hans: 沿轴 2 和 3 求平均；到第 17 版 axes 是属性，从第 18 版起是输入
      //@instead node("ReduceMean", name, sources, ["axes": .ints([2, 3]), "keepdims": 1])
      if model.opset >= 18 {
        let axes = weight(name + ".axes", Weight([2, 3] as [Int]))
        node("ReduceMean", name, [sources[0], axes], ["keepdims": 1])
      } else {
        node("ReduceMean", name, sources, ["axes": .ints([2, 3]), "keepdims": 1])
      }
      //@end
    default:
      break
    }
  }
}

@main struct Program {
  static func main() throws {
    for (folder, output) in try cases() {
      let network = try readJSON(Network.self, folder, "network.json")
      var export = Export()
      export.model.opset = network.opset
      let batch: Extent = network.dynamicBatch ? "batch" : 1
      let picture = network.input.dropFirst().map(Extent.fixed)
      export.model.inputs = [Value(name: "images", shape: [batch] + picture)]
      // The name of each layer's value in the file.
      var values = ["images": "images"]
      for layer in network.layers {
        let sources = layer.inputs.compactMap { values[$0] }
        //@fade 3 en: Dropout does something in training only: who reads it reads its source | zh-Hans: Dropout 只在训练时起作用：读它的层改读它的来源
        if layer.type == "Dropout" {
          values[layer.name] = sources[0]
          continue
        }
        //@end
        let name = layer.name == network.output ? "output" : layer.name
        values[layer.name] = name
        let parts = try (layer.parts ?? []).map { part in
          let file = "\(layer.name).\(part)"
          return export.weight(file, Weight(try readNPY(folder, file + ".npy")))
        }
        export.add(layer, name, sources, parts)
      }
      export.model.outputs = [Value(name: "output", shape: [batch, "c", "h", "w"])]
      try writeONNX(output, "model.onnx", export.model)
    }
  }
}
