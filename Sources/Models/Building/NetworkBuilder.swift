import Diagnostics
import Formats
import Graphs
import Tensors

/// Builds the graph of one network, module by module.
struct NetworkBuilder {
  /// The graph so far.
  var graph: Graph
  /// How modules become nodes.
  let catalog: ModuleCatalog
  /// What the importer wants to tell.
  var diagnostics: [Diagnostic] = []
  private var smallConstants: [SmallConstant: ValueID] = [:]

  /// Far above any real network: a small file can describe an astronomically large one by
  /// sharing submodules.
  private static let mostNodes = 50_000
  private static let mostDepth = 48

  init(name: String, catalog: ModuleCatalog = .standard) {
    graph = Graph(name: name)
    self.catalog = catalog
  }

  /// Appends what a module does.
  /// - Throws: `model.unsupported-module`, `model.unsupported-variant`,
  ///   `model.incomplete-module`, `model.too-large`, or what an operator throws.
  mutating func lower(_ module: Module, _ inputs: [ValueID]) throws -> ValueID {
    guard module.depth <= Self.mostDepth, graph.nodeCount <= Self.mostNodes else {
      throw DeployError(
        .modelTooLarge,
        "the network has over \(Self.mostNodes) nodes or \(Self.mostDepth) levels of modules",
        at: .module(module.path),
        remedy: "check where the file comes from"
      )
    }
    guard let kind = catalog[module.kind] else { throw catalog.unsupported(module) }
    if let known = kind.submodules,
      let stranger = module.record.children.first(where: { !known.contains($0.name) })
    {
      throw strange(stranger.name, in: module)
    }
    return try kind.lower(module, inputs, in: &self)
  }

  /// As ``lower(_:_:)``, for a module of one input.
  mutating func lower(_ module: Module, _ input: ValueID) throws -> ValueID {
    try lower(module, [input])
  }

  private func strange(_ name: String, in module: Module) -> DeployError {
    guard let child = module.optionalChild(name), catalog[child.kind] == nil else {
      return module.unsupported("submodule '\(name)'")
    }
    return catalog.unsupported(child)
  }

  /// Appends a node.
  /// - Parameter part: what it is within the module, where the module is more than one node.
  mutating func node(
    _ name: String,
    _ attributes: [String: Attribute] = [:],
    _ inputs: [ValueID?],
    of module: Module,
    part: String? = nil,
    outputCount: Int = 1
  ) throws -> [ValueID] {
    guard let type = OperatorCatalog.standard[name] else {
      throw DeployError(.graphInvalidNode, "there is no operator \(name)", at: .module(module.path))
    }
    let op = try type.init(attributes: Attributes(attributes), outputCount: outputCount)
    return try graph.add(
      op,
      inputs,
      name: part.map { module.path + "." + $0 } ?? module.path,
      provenance: Provenance(modules: [module.path])
    )
  }

  /// Appends a node of one result.
  mutating func apply(
    _ name: String,
    _ attributes: [String: Attribute] = [:],
    _ inputs: [ValueID?],
    of module: Module,
    part: String? = nil
  ) throws -> ValueID {
    let outputs = try node(name, attributes, inputs, of: module, part: part)
    guard let first = outputs.first else { throw module.incomplete("result of \(name)") }
    return first
  }

  // MARK: Constants

  /// A trained tensor of the module as a constant.
  mutating func weight(_ name: String, of module: Module) throws -> ValueID {
    graph.addConstant(module.path + "." + name, try module.weight(name))
  }

  /// Integers, rank 1; equal ones share a constant.
  mutating func integers(_ values: [Int]) throws -> ValueID {
    let key = SmallConstant.integers(values)
    if let known = smallConstants[key] { return known }
    let tensor = try Tensor(values.map(Int64.init), shape: [values.count])
    let name = "ints." + values.map(String.init).joined(separator: ".")
    return remember(key, name, tensor)
  }

  /// One integer, rank 0; equal ones share a constant.
  mutating func integer(_ value: Int) -> ValueID {
    let key = SmallConstant.integer(value)
    if let known = smallConstants[key] { return known }
    return remember(key, "int.\(value)", Tensor(scalar: Int64(value)))
  }

  /// One number, rank 0; equal ones share a constant.
  mutating func number(_ value: Float) -> ValueID {
    let key = SmallConstant.number(value)
    if let known = smallConstants[key] { return known }
    return remember(key, "float.\(value)", Tensor(scalar: value))
  }

  private mutating func remember(
    _ key: SmallConstant,
    _ name: String,
    _ tensor: Tensor
  ) -> ValueID {
    let id = graph.addConstant(name, tensor)
    smallConstants[key] = id
    return id
  }

  private enum SmallConstant: Hashable {
    case integers([Int])
    case integer(Int)
    case number(Float)
  }

  // MARK: Types

  /// The extent of one axis, where it is known.
  func extent(_ axis: Int, of value: ValueID) -> Int? {
    let dimensions = graph[value].type.dimensions
    return axis < dimensions.count ? dimensions[axis].value : nil
  }

  /// The extent of an axis that no network leaves open, such as the channels.
  /// - Throws: `model.incomplete-module`.
  func knownExtent(_ axis: Int, of value: ValueID, in module: Module) throws -> Int {
    guard let extent = extent(axis, of: value) else {
      throw module.incomplete("size of axis \(axis)")
    }
    return extent
  }
}
