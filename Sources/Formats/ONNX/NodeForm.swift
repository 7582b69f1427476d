import Diagnostics
import Graphs
import Tensors

/// A node by name and attributes only: what a file holds, in the form of any operator set.
struct NodeForm {
  var name: String
  /// The ONNX `op_type`.
  var type: String
  /// Names of operands; empty where an optional one is left out.
  var inputs: [String]
  /// Names of results; empty where an optional one is left out.
  var outputs: [String]
  var attributes: [String: Attribute] = [:]

  /// The operand's name at `index`, or nil where it is left out.
  func input(_ index: Int) -> String? {
    index < inputs.count && !inputs[index].isEmpty ? inputs[index] : nil
  }

  /// Puts an operand at `index`, leaving out those before it that are not there.
  mutating func setInput(_ index: Int, _ name: String) {
    while inputs.count <= index { inputs.append("") }
    inputs[index] = name
  }

  /// Removes operands at and after `index`.
  mutating func dropInputs(from index: Int) { inputs = Array(inputs.prefix(index)) }

  /// Takes an attribute out.
  mutating func take(_ name: String) throws -> Attribute? {
    attributes.removeValue(forKey: name)
  }

  /// Takes a list of integers out.
  mutating func takeInts(_ name: String) throws -> [Int]? {
    let value = try Attributes(attributes).ints(name)
    attributes[name] = nil
    return value
  }

  /// Takes an integer out.
  mutating func takeInt(_ name: String) throws -> Int? {
    let value = try Attributes(attributes).int(name)
    attributes[name] = nil
    return value
  }

  /// An error that names this node.
  func failure(
    _ id: Diagnostic.ID,
    _ message: String,
    remedy: String? = nil
  ) -> DeployError {
    DeployError(id, "\(type) \(message)", at: .node(name), remedy: remedy)
  }
}
