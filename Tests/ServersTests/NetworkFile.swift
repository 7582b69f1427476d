/// ONNX files by hand, as only somebody with bad intentions would write them. Source: onnx.proto, field numbers.
struct NetworkFile {
  var bytes: [UInt8] = []

  /// A field that holds a number.
  mutating func number(_ field: Int, _ value: UInt64) {
    bytes += Self.varint(UInt64(field << 3)) + Self.varint(value)
  }

  /// A field that holds bytes, a text or a message.
  mutating func add(_ field: Int, _ content: [UInt8]) {
    bytes += Self.varint(UInt64(field << 3 | 2)) + Self.varint(UInt64(content.count)) + content
  }

  mutating func add(_ field: Int, _ text: String) { add(field, Array(text.utf8)) }

  private static func varint(_ value: UInt64) -> [UInt8] {
    var rest = value
    var bytes: [UInt8] = []
    repeat {
      bytes.append(UInt8(rest & 0x7F) | (rest > 0x7F ? 0x80 : 0))
      rest >>= 7
    } while rest > 0
    return bytes
  }

  static func message(_ body: (inout NetworkFile) -> Void) -> [UInt8] {
    var message = NetworkFile()
    body(&message)
    return message.bytes
  }

  static func value(_ name: String, _ extents: [UInt64]) -> [UInt8] {
    message { info in
      info.add(1, name)
      info.add(
        2,
        message { type in
          type.add(
            1,
            message { tensor in
              tensor.number(1, 1)
              tensor.add(
                2,
                message { shape in
                  for extent in extents { shape.add(1, message { $0.number(1, extent) }) }
                }
              )
            }
          )
        }
      )
    }
  }

  static func node(
    _ op: String,
    _ inputs: [String],
    _ outputs: [String],
    attributes: [[UInt8]] = []
  ) -> [UInt8] {
    message { node in
      for name in inputs { node.add(1, name) }
      for name in outputs { node.add(2, name) }
      node.add(3, "node-\(outputs.first ?? "")")
      node.add(4, op)
      for attribute in attributes { node.add(5, attribute) }
    }
  }

  /// A constant; `type` 1 is float32, 7 is int64.
  static func tensor(_ name: String, _ extents: [UInt64], type: UInt64, _ raw: [UInt8]) -> [UInt8] {
    message { tensor in
      for extent in extents { tensor.number(1, extent) }
      tensor.number(2, type)
      tensor.add(8, name)
      tensor.add(9, raw)
    }
  }

  static func int64(_ name: String, _ values: [UInt64]) -> [UInt8] {
    tensor(
      name,
      [UInt64(values.count)],
      type: 7,
      values.flatMap { value in
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
      }
    )
  }

  static func model(
    nodes: [[UInt8]],
    constants: [[UInt8]] = [],
    input: [UInt8] = value("x", [1, 3, 8, 8]),
    output: [UInt8] = value("y", [1, 3, 8, 8])
  ) -> [UInt8] {
    message { model in
      model.number(1, 8)
      model.add(
        7,
        message { graph in
          for node in nodes { graph.add(1, node) }
          graph.add(2, "graph")
          for constant in constants { graph.add(5, constant) }
          graph.add(11, input)
          graph.add(12, output)
        }
      )
      model.add(
        8,
        message { set in
          set.add(1, "")
          set.number(2, 17)
        }
      )
    }
  }

  /// One convolution of 3 to 4 channels and a ReLU.
  static var small: [UInt8] {
    let weights = (0..<4 * 3).flatMap { _ in [0, 0, 0, 0x3F] as [UInt8] }
    return model(
      nodes: [node("Conv", ["x", "w"], ["c"]), node("Relu", ["c"], ["y"])],
      constants: [tensor("w", [4, 3, 1, 1], type: 1, weights)],
      output: value("y", [1, 4, 8, 8])
    )
  }

  /// What must be refused or harmless, by name.
  static var hostile: [(name: String, bytes: [UInt8])] {
    let small = small
    let million: UInt64 = 1_000_000
    var nested = node("Relu", ["x"], ["y"])
    for _ in 0..<300 {
      let graph = message {
        $0.add(1, nested)
        $0.add(2, "inner")
        $0.add(12, value("y", [1]))
      }
      let attribute = message {
        $0.add(1, "then_branch")
        $0.add(6, graph)
        $0.number(20, 5)
      }
      nested = node("If", ["x"], ["y"], attributes: [attribute])
    }
    let external = message { tensor in
      tensor.number(1, 4)
      tensor.number(2, 1)
      tensor.add(8, "w")
      tensor.add(
        13,
        message {
          $0.add(1, "location")
          $0.add(2, "../../../../etc/passwd")
        }
      )
      tensor.number(14, 1)
    }
    return [
      ("empty.onnx", [0]),
      ("truncated.onnx", Array(small.prefix(small.count / 2))),
      ("archive.onnx", [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 4000)),
      (
        "huge-shape.onnx",
        model(
          nodes: [node("Relu", ["x"], ["y"])],
          input: value("x", [1, 1 << 40, 1 << 40, 8]),
          output: value("y", [1, 1 << 40, 1 << 40, 8])
        )
      ),
      (
        "large-picture.onnx",
        model(
          nodes: [node("Relu", ["x"], ["y"])],
          input: value("x", [1, 3, 100_000, 100_000]),
          output: value("y", [1, 3, 100_000, 100_000])
        )
      ),
      (
        "huge-constant.onnx",
        model(
          nodes: [node("Add", ["x", "w"], ["y"])],
          constants: [tensor("w", [1 << 31, 1 << 31], type: 1, [0, 0, 0, 0])]
        )
      ),
      ("cyclic.onnx", model(nodes: [node("Relu", ["y"], ["a"]), node("Relu", ["a"], ["y"])])),
      (
        "bomb.onnx",
        model(
          nodes: [
            node("ConstantOfShape", ["s"], ["big"]), node("ReduceSum", ["big"], ["sum"]),
            node("Add", ["x", "sum"], ["y"]),
          ],
          constants: [int64("s", [million, million, 100])]
        )
      ),
      (
        "tiles.onnx",
        model(
          nodes: (0..<8).map { index in
            node(
              "Tile",
              [index == 0 ? "x" : "t\(index - 1)", "r"],
              [index == 7 ? "y" : "t\(index)"]
            )
          },
          constants: [int64("r", [1, 1, 1000, 1000])]
        )
      ),
      ("nested.onnx", model(nodes: [nested])),
      ("external.onnx", model(nodes: [node("Add", ["x", "w"], ["y"])], constants: [external])),
    ]
  }

  /// The same of JSON documents.
  static var hostileDocuments: [(name: String, bytes: [UInt8])] {
    let span = "{\"name\":\"a\",\"ph\":\"X\",\"ts\":1,\"dur\":1,\"pid\":1,\"tid\":1}"
    let events = [
      ("time.json", "{\"name\":\"a\",\"ph\":\"X\",\"ts\":1e300,\"dur\":-5,\"pid\":1,\"tid\":1}"),
      (
        "open.json",
        String(repeating: "{\"ph\":\"B\",\"ts\":1,\"pid\":1,\"tid\":1},", count: 999) + span
      ),
      (
        "threads.json",
        (0..<2000).map { "{\"ph\":\"X\",\"ts\":1,\"dur\":1,\"pid\":1,\"tid\":\($0)}" }
          .joined(separator: ",")
      ),
    ].map { name, events in (name, Array("{\"traceEvents\":[\(events)]}".utf8)) }
    return events + [
      ("deep.json", [UInt8](repeating: 0x5B, count: 1_000_000)),
      ("objects.json", Array(String(repeating: "{\"a\":", count: 200_000).utf8)),
      ("cut.json", Array("{\"traceEvents\":[\(span)".utf8)),
      ("layers.json", Array("{\"Layers\":[{\"Name\":1},{}],\"Bindings\":[9]}".utf8)),
      ("times.json", Array("[{\"count\":1e18},{\"name\":\"a\",\"averageMs\":-1}]".utf8)),
      ("report.json", Array("{\"schemaVersion\":2,\"command\":\"x\"}".utf8)),
      ("memory.plan", Array("VITRPLAN".utf8) + [UInt8](repeating: 0xFF, count: 64)),
    ]
  }
}
