import Detectors
import Diagnostics
import Graphs
import Images
import Tensors

/// One set of inputs for both sides of a check.
struct Feed {
  /// `random numbers (seed 1)` or the picture's path.
  let name: String
  /// The tensors by input name.
  let tensors: [String: Tensor]
  /// Where the picture lies, if it is one.
  let geometry: Letterbox.Geometry?

  /// The same tensors in the element types and under the names that `graph` wants.
  func tensors(for graph: Graph) throws -> [String: Tensor] {
    guard graph.inputs.count == tensors.count else {
      throw DeployError(
        .checkIncomparable,
        "one network has \(tensors.count) inputs, the other \(graph.inputs.count)",
        remedy: "compare networks of the same form"
      )
    }
    var result: [String: Tensor] = [:]
    for id in graph.inputs {
      let input = graph[id]
      let match = tensors[input.name] ?? (tensors.count == 1 ? tensors.values.first : nil)
      guard let tensor = match else {
        throw DeployError(
          .checkIncomparable,
          "the other network has no input '\(input.name)'",
          remedy: "compare networks of the same form"
        )
      }
      result[input.name] = try tensor.converted(to: input.type.scalarType)
    }
    return result
  }

  /// Uniform numbers in 0..<1 for every input; the same seed gives the same numbers.
  static func random(_ graph: Graph, seed: UInt64) throws -> Feed {
    var state = seed
    var tensors: [String: Tensor] = [:]
    for id in graph.inputs {
      let input = graph[id]
      guard let shape = input.type.shape else {
        throw DeployError(
          .checkIncomparable,
          "the shape of input '\(input.name)' is open: \(input.type)",
          remedy: "give --imgsz"
        )
      }
      let floats = Tensor(shape: shape, of: Float.self) { values in
        for index in values.indices { values[index] = Self.uniform(&state) }
      }
      tensors[input.name] = try floats.converted(to: input.type.scalarType)
    }
    return Feed(name: "random numbers (seed \(seed))", tensors: tensors, geometry: nil)
  }

  /// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
  private static func uniform(_ state: inout UInt64) -> Float {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Float((z ^ (z >> 31)) >> 40) / Float(1 << 24)
  }

  /// A picture, letterboxed to the input's size.
  static func picture(_ path: String, _ graph: Graph, _ contract: ModelContract?) throws -> Feed {
    guard graph.inputs.count == 1, let id = graph.inputs.first,
      let shape = graph[id].type.shape, shape.rank == 4, shape[0] > 0
    else {
      throw DeployError(
        .checkIncomparable,
        "the network does not take one batch of pictures [N, 3, H, W]",
        remedy: "use --inputs random"
      )
    }
    var letterbox = Letterbox()
    letterbox.fit = .square
    (letterbox.height, letterbox.width) = (shape[2], shape[3])
    let buffer = TensorBuffer(shape: shape, scalarType: graph[id].type.scalarType)
    let geometry = try letterbox.write(
      try ImageReader().read(path),
      to: buffer,
      preprocessing: contract?.preprocessing ?? ModelContract.Preprocessing(),
      using: LetterboxWorkspace()
    )
    return Feed(name: path, tensors: [graph[id].name: buffer.tensor()], geometry: geometry)
  }
}

extension Diagnostic.ID {
  /// Two networks whose inputs or outputs are of different form.
  static let checkIncomparable: Self = "check.incomparable"
}
