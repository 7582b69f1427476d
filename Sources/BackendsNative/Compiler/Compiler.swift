import Backends
import CNativeKernels
import Diagnostics
import Graphs
import Tensors

/// Turns a graph of known shapes into a program: which kernel does what, and where values lie.
///
/// Nodes are taken in order. A value of rank 4 that a kernel writes is an NHWC surface; whatever
/// only a reference layer can read or write is planar. Conversions are layers like any other, so
/// that their cost is seen.
struct Compiler {
  let graph: Graph
  let options: CompilerOptions
  let packer: WeightPacker

  var surfaces: [Surface] = []
  var layers: [Layer] = []
  var operators: [any Operator] = []
  var tensors: [Int: Tensor] = [:]
  /// Values as NHWC surfaces.
  var pictures: [ValueID: Int] = [:]
  /// Values that kernels wrote as pictures, and that were made planar at once.
  private var formerPictures: Set<ValueID> = []
  /// Values as planar elements.
  var planes: [ValueID: Layer.Source] = [:]
  /// Value numbers of inputs that are no surfaces, by input number.
  var tensorInputs: [Int: Int] = [:]
  /// The layer that writes a surface, where one does.
  var writers: [Int: Int] = [:]
  /// Values that the graph does not have.
  private var numberCount = 0

  init(_ graph: Graph, _ options: CompilerOptions, _ pool: ConstantPool) {
    self.graph = graph
    self.options = options
    packer = WeightPacker(pool: pool)
  }

  /// The program.
  mutating func compile() throws -> Program {
    for (index, id) in graph.inputs.enumerated() { addInput(index, id) }
    for node in graph.nodes {
      try Task.checkCancellation()
      do {
        if try !addKernels(for: node) {
          try addReference(node)
        } else if options.isDisabled("channels-last") {
          try makePlanar(node.outputs)
        }
      } catch {
        throw DeployError(
          .backendFailed,
          "the native engine cannot build \(type(of: node.op).name)",
          at: .node(node.name),
          remedy: "check the file with `vitrine check`, and report the network",
          cause: error
        )
      }
    }
    let outputs = try graph.outputs.enumerated().map { index, id in
      let source = try plane(of: id)
      if case .surface(let surface) = source, surfaces[surface].home == .arena,
        surfaces[surface].part == nil
      {
        surfaces[surface].home = .output(index)
      }
      let value = graph[id]
      return Program.Output(binding: Binding(name: value.name, type: value.type), source: source)
    }
    var program = Program(
      surfaces: surfaces,
      layers: layers,
      operators: operators,
      tensors: tensorsInUse(outputs),
      inputs: graph.inputs.map { Binding(name: graph[$0].name, type: graph[$0].type) },
      tensorInputs: tensorInputs,
      outputs: outputs,
      arenaByteCount: 0,
      summedByteCount: 0
    )
    if !options.isDisabled("pools-in-one-pass") { program.joinPools() }
    program.addBorders()
    program.planMemory(sharing: !options.isDisabled("share-memory"))
    return program
  }

  /// The constants that reference layers or callers read: others are packed for kernels.
  private func tensorsInUse(_ outputs: [Program.Output]) -> [Int: Tensor] {
    var used: Set<Int> = []
    func use(_ source: Layer.Source) {
      if case .tensor(let number) = source { used.insert(number) }
    }
    for output in outputs { use(output.source) }
    for layer in layers {
      if case .fromPlanar(let source, _) = layer.work { use(source) }
      guard case .reference(let work) = layer.work else { continue }
      for operand in work.operands {
        if case .source(let source) = operand { use(source) }
        if case .constant(let number) = operand { used.insert(number) }
      }
    }
    return tensors.filter { used.contains($0.key) }
  }

  /// Gives results the layout of the graph again, as an engine does whose kernels read and write
  /// that layout: what `channels-last` saves.
  private mutating func makePlanar(_ results: [ValueID]) throws {
    for id in results {
      // Bytes with a scale stay: planes hold no such thing.
      guard let surface = pictures[id], Element(graph[id].type.scalarType) != nil,
        surfaces[surface].element.scalarType != nil
      else { continue }
      _ = try plane(of: id)
      pictures[id] = nil
      formerPictures.insert(id)
    }
  }

  /// Whether a value is one of those that kernels read and write.
  func isPicture(_ id: ValueID) -> Bool { pictures[id] != nil || formerPictures.contains(id) }

  /// A kernel for the node, where there is one.
  private mutating func addKernels(for node: Node) throws -> Bool {
    switch node.op {
    case let op as Conv:
      try addConvolution(node, FusedConvolution(op, activation: .identity))
    case let op as FusedConvolution: try addConvolution(node, op)
    case let op as BatchNormalization: try addNormalization(node, op)
    case let op as MaxPool: try addPool(node, op)
    case let op as Concat: try addConcat(node, op)
    case is Split, is Slice: try addPart(node)
    case let op as Resize: try addResize(node, op)
    case is Add, is Cast: try node.op is Add ? addSum(node) : addCast(node)
    case is QuantizeLinear: try addQuantize(node)
    case is DequantizeLinear: try addDequantize(node)
    case let op as DetectDecode: try addDecode(node, op)
    default: try addActivation(node)
    }
  }

  // MARK: Surfaces

  private mutating func addInput(_ index: Int, _ id: ValueID) {
    let value = graph[id]
    guard let element = Element(plane: value.type.scalarType), let shape = value.type.shape else {
      planes[id] = .tensor(id.rawValue)
      tensorInputs[index] = id.rawValue
      return
    }
    var surface = Surface(
      name: value.name,
      element: element,
      extents: shape.dimensions,
      isPlanar: true
    )
    surface.home = .input(index)
    surfaces.append(surface)
    planes[id] = .surface(surfaces.count - 1)
  }

  /// A new surface for a value of rank 4.
  mutating func newPicture(_ id: ValueID, _ element: Element? = nil) -> Int? {
    let value = graph[id]
    guard let shape = value.type.shape, shape.rank == 4, shape.count > 0,
      shape.dimensions.allSatisfy({ $0 < 1 << 24 }),
      let element = element ?? Element(value.type.scalarType)
    else { return nil }
    var surface = Surface(
      name: value.name,
      element: element,
      extents: shape.dimensions,
      isPlanar: false
    )
    surface.isExclusive = surface.endsInsideGroup
    surfaces.append(surface)
    return surfaces.count - 1
  }

  /// The NHWC surface of a value, converted from planar elements where need be.
  mutating func picture(of id: ValueID) throws -> Int? {
    if let known = pictures[id] { return known }
    guard var source = planes[id], Element(graph[id].type.scalarType) != nil,
      let surface = newPicture(id)
    else { return nil }
    if graph[id].type.scalarType != .float32 { source = widened(id, source) }
    add(
      graph[id].name + ".nhwc",
      provenance(of: id),
      .fromPlanar(source: source, target: surface),
      writes: surface
    )
    pictures[id] = surface
    return surface
  }

  /// bfloat16 of a caller or of a reference layer as floats.
  private mutating func widened(_ id: ValueID, _ source: Layer.Source) -> Layer.Source {
    if case .surface(let plane) = source {
      return .surface(cast(plane, to: .float32, graph[id].name + ".float32", provenance(of: id)))
    }
    operators.append(Cast(to: .float32))
    let number = newNumber()
    let work = ReferenceWork(
      node: operators.count - 1,
      operands: [.source(source)],
      results: [number]
    )
    add(graph[id].name + ".float32", provenance(of: id), .reference(work), writes: nil)
    return .tensor(number)
  }

  /// The planar elements of a value in its graph's type.
  mutating func plane(of id: ValueID) throws -> Layer.Source {
    if let known = planes[id] { return known }
    let value = graph[id]
    guard let surface = pictures[id], let shape = value.type.shape else {
      if let constant = value.constant {
        tensors[id.rawValue] = try constant.materialized()
        return .tensor(id.rawValue)
      }
      throw DeployError(.graphDangling, "value '\(value.name)' is read but never written")
    }
    surfaces.append(
      Surface(name: value.name, element: .float32, extents: shape.dimensions, isPlanar: true)
    )
    let plane = surfaces.count - 1
    add(
      value.name + ".nchw",
      provenance(of: id),
      .toPlanar(source: surface, target: plane),
      writes: plane
    )
    let source = try narrowed(id, .surface(plane), surfaces[surface].element)
    planes[id] = source
    return source
  }

  /// Floats as the type that the graph gives a value.
  private mutating func narrowed(_ id: ValueID, _ source: Layer.Source, _ element: Element) throws
    -> Layer.Source
  {
    let value = graph[id]
    let operands: [ReferenceWork.Operand]
    let op: any Operator
    if value.type.scalarType == .float32 { return source }
    if case .surface(let plane) = source, let target = Element(plane: value.type.scalarType) {
      return .surface(cast(plane, to: target, value.name + ".narrow", provenance(of: id)))
    }
    switch (value.type.scalarType, element) {
    case (let type, .quantized(let scale, let zero)) where type == .int8 || type == .uint8:
      op = QuantizeLinear(outputType: type)
      let shifted = type == .int8 ? zero - 128 : zero
      operands = [
        .source(source), constant(Tensor(scalar: scale)),
        constant(
          type == .int8 ? Tensor(scalar: Int8(shifted)) : Tensor(scalar: UInt8(shifted))
        ),
      ]
    default:
      op = Cast(to: value.type.scalarType)
      operands = [.source(source)]
    }
    operators.append(op)
    let work = ReferenceWork(
      node: operators.count - 1,
      operands: operands,
      results: [id.rawValue]
    )
    add(value.name + ".narrow", provenance(of: id), .reference(work), writes: nil)
    return .tensor(id.rawValue)
  }

  /// A planar surface in another element type: itself, where it has it already.
  mutating func cast(
    _ plane: Int,
    to element: Element,
    _ name: String,
    _ provenance: Provenance
  ) -> Int {
    guard surfaces[plane].element != element else { return plane }
    surfaces.append(
      Surface(name: name, element: element, extents: surfaces[plane].extents, isPlanar: true)
    )
    let target = surfaces.count - 1
    add(name, provenance, .cast(source: plane, target: target), writes: target)
    return target
  }

  private mutating func constant(_ tensor: Tensor) -> ReferenceWork.Operand {
    let number = newNumber()
    tensors[number] = tensor
    return .constant(number)
  }

  /// Below zero: no value of the graph has such a number.
  private mutating func newNumber() -> Int {
    numberCount += 1
    return -numberCount
  }

  /// Appends a layer.
  mutating func add(
    _ name: String,
    _ provenance: Provenance,
    _ work: Layer.Work,
    writes surface: Int?,
    multiplyAdds: Int64 = 0
  ) {
    var layer = Layer(name: name, provenance: provenance, work: work)
    layer.multiplyAdds = multiplyAdds
    layers.append(layer)
    if let surface { writers[surface] = layers.count - 1 }
  }

  func provenance(of id: ValueID) -> Provenance {
    graph.producer(of: id)?.provenance ?? Provenance(nodes: [graph[id].name])
  }

  /// The contents of an operand that is constant, or a constant made real numbers again.
  func constant(_ id: ValueID?) throws -> Tensor? {
    guard let id else { return nil }
    if let constant = graph[id].constant { return constant }
    guard let node = graph.producer(of: id), node.op is DequantizeLinear else { return nil }
    let operands = node.inputs.map { $0.flatMap { graph[$0].constant } }
    guard operands.count >= 2, operands[0] != nil, operands[1] != nil else { return nil }
    return try node.op.evaluate(operands)[0]
  }

  /// The node run by its operator's definition.
  private mutating func addReference(_ node: Node) throws {
    // Constants made real numbers again are read where they are needed.
    if node.op is DequantizeLinear,
      node.inputs.allSatisfy({ $0.map { graph[$0].constant != nil } ?? true })
    {
      let result = try node.op.evaluate(node.inputs.map { $0.flatMap { graph[$0].constant } })
      tensors[node.outputs[0].rawValue] = result[0]
      planes[node.outputs[0]] = .tensor(node.outputs[0].rawValue)
      return
    }
    var operands: [ReferenceWork.Operand] = []
    for id in node.inputs {
      guard let id else {
        operands.append(.none)
        continue
      }
      if let constant = graph[id].constant {
        tensors[id.rawValue] = try constant.materialized()
        operands.append(.constant(id.rawValue))
      } else {
        operands.append(.source(try plane(of: id)))
      }
    }
    operators.append(node.op)
    let work = ReferenceWork(
      node: operators.count - 1,
      operands: operands,
      results: node.outputs.map(\.rawValue)
    )
    for output in node.outputs { planes[output] = .tensor(output.rawValue) }
    add(node.name, node.provenance, .reference(work), writes: nil)
  }
}

/// What decides how a program is made.
struct CompilerOptions: Sendable, Hashable {
  /// The instructions that kernels use.
  var isa: UInt32
  /// Names of optimisations that are left out.
  var disabled: Set<String> = []
  /// What measurements found best, by ``TacticSignature/text``.
  var tactics: [String: Tactic] = [:]
  /// What limits scratch memory; nil: nothing.
  var workspace: Workspace?

  func isDisabled(_ name: String) -> Bool { disabled.contains(name) }
}
