import Diagnostics
import FoundationEssentials
import Graphs
import Tensors

/// Attributes between their file form and ``Attribute``.
enum AttributeCoding {
  /// Reads the attributes of one node.
  static func attributes(
    _ protos: [Onnx_AttributeProto],
    of node: String,
    _ decoder: TensorDecoder
  ) throws -> [String: Attribute] {
    var result: [String: Attribute] = [:]
    for proto in protos {
      guard result[proto.name] == nil else {
        throw DeployError(
          .onnxInvalidAttribute,
          "attribute '\(proto.name)' is given twice",
          at: .node(node)
        )
      }
      result[proto.name] = try attribute(proto, of: node, decoder)
    }
    return result
  }

  private static func attribute(
    _ proto: Onnx_AttributeProto,
    of node: String,
    _ decoder: TensorDecoder
  ) throws -> Attribute {
    switch proto.hasType ? proto.type : guessedType(proto) {
    case .int: return .int(proto.i)
    case .ints: return .ints(proto.ints)
    case .float: return .float(proto.f)
    case .floats: return .floats(proto.floats)
    case .string: return .string(text(proto.s))
    case .strings: return .strings(proto.strings.map(text))
    case .tensor:
      return .tensor(
        try decoder.tensor(proto.t, named: proto.t.hasName ? proto.t.name : proto.name)
      )
    case .graph, .graphs:
      throw DeployError(
        .onnxUnsupportedSubgraph,
        "attribute '\(proto.name)' holds a graph",
        at: .node(node),
        remedy: "export the model without control flow"
      )
    default:
      throw DeployError(
        .onnxUnsupportedType,
        "attribute '\(proto.name)' has the unsupported type number \(proto.type.rawValue)",
        at: .node(node)
      )
    }
  }

  /// Files older than IR version 2 have no type numbers.
  private static func guessedType(_ proto: Onnx_AttributeProto) -> Onnx_AttributeProto.AttributeType
  {
    if proto.hasF { return .float }
    if proto.hasI { return .int }
    if proto.hasS { return .string }
    if proto.hasT { return .tensor }
    if proto.hasG { return .graph }
    if !proto.floats.isEmpty { return .floats }
    if !proto.ints.isEmpty { return .ints }
    return proto.strings.isEmpty ? .undefined : .strings
  }

  private static func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }

  /// The file form of one node's attributes, by name.
  static func protos(_ attributes: [String: Attribute]) throws -> [Onnx_AttributeProto] {
    try attributes.sorted { $0.key < $1.key }.map { name, value in
      var proto = Onnx_AttributeProto()
      proto.name = name
      switch value {
      case .int(let value): (proto.type, proto.i) = (.int, value)
      case .ints(let values): (proto.type, proto.ints) = (.ints, values)
      case .float(let value): (proto.type, proto.f) = (.float, value)
      case .floats(let values): (proto.type, proto.floats) = (.floats, values)
      case .string(let value): (proto.type, proto.s) = (.string, Data(value.utf8))
      case .strings(let values):
        (proto.type, proto.strings) = (.strings, values.map { Data($0.utf8) })
      case .tensor(let tensor):
        proto.type = .tensor
        proto.t = try TensorEncoder.whole(tensor, named: "")
      }
      return proto
    }
  }
}
