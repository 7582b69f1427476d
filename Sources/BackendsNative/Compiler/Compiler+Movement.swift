import CNativeKernels
import Graphs
import Tensors

extension Compiler {
  // MARK: Channels side by side

  /// A Concat of channels: a surface of which its operands are parts wherever they can be, so that
  /// nothing is copied; or of the boxes of several heads.
  mutating func addConcat(_ node: Node, _ op: Concat) throws -> Bool {
    let operands = node.inputs.compactMap { $0 }
    guard operands.count == node.inputs.count else { return false }
    let rank = graph[node.outputs[0]].type.rank
    guard (op.axis + rank) % rank == 1 else { return false }
    if rank == 3 { return joinPlanes(node, operands) }
    guard rank == 4, operands.contains(where: isPicture),
      graph[node.outputs[0]].type.shape?.count ?? 0 > 0
    else { return false }
    var sources: [Int] = []
    for operand in operands {
      guard let source = try picture(of: operand) else { return false }
      sources.append(source)
    }
    let elements = Set(sources.map { surfaces[$0].element })
    let element = elements.count == 1 ? surfaces[sources[0]].element : .float32
    // Bytes that a graph joins as bytes are not numbers of one scale.
    guard elements.count == 1 || Element(graph[node.outputs[0]].type.scalarType) != nil,
      let target = newPicture(node.outputs[0], element)
    else { return false }
    if sources.contains(where: { surfaces[$0].endsInsideGroup }) {
      surfaces[target].isExclusive = true
    }
    var channel = 0
    for (index, source) in sources.enumerated() {
      let part = Surface.Part(surface: target, offset: channel)
      channel += surfaces[source].channels
      if canMove(source, element, isRepeated: sources[..<index].contains(source)) {
        surfaces[source].part = part
        continue
      }
      var slot = surfaces[source]
      slot.name = "\(node.name).\(index)"
      slot.element = element
      slot.part = part
      slot.home = .arena
      surfaces.append(slot)
      add(
        "\(node.name).copy\(index)",
        node.provenance,
        .copy(source: source, target: surfaces.count - 1, repetition: 1),
        writes: surfaces.count - 1
      )
    }
    pictures[node.outputs[0]] = target
    return true
  }

  /// Whether a surface can become part of another one: a layer writes it, as that element. Pixels
  /// of few channels are read in runs that have no gaps.
  private func canMove(_ source: Int, _ element: Element, isRepeated: Bool) -> Bool {
    let surface = surfaces[source]
    guard !options.isDisabled("views"), surface.part == nil, !isRepeated,
      surface.element == element, surface.channels > 4
    else { return false }
    // Written by a layer, or itself a Concat's.
    return writers[source] != nil || surfaces.contains { $0.part?.surface == source }
  }

  /// Boxes of several heads one after the other: each head writes into its place.
  private mutating func joinPlanes(_ node: Node, _ operands: [ValueID]) -> Bool {
    var sources: [Int] = []
    for operand in operands {
      guard case .surface(let source)? = planes[operand], surfaces[source].part == nil,
        surfaces[source].home == .arena, let writer = writers[source],
        layers[writer].work.decodes, !sources.contains(source),
        !graph.outputs.contains(operand)
      else { return false }
      sources.append(source)
    }
    guard let shape = graph[node.outputs[0]].type.shape else { return false }
    surfaces.append(
      Surface(
        name: graph[node.outputs[0]].name,
        element: .float32,
        extents: shape.dimensions,
        isPlanar: true
      )
    )
    let target = surfaces.count - 1
    var offset = 0
    for source in sources {
      surfaces[source].part = Surface.Part(surface: target, offset: offset)
      offset += surfaces[source].extents.dropFirst().reduce(1, *)
    }
    planes[node.outputs[0]] = .surface(target)
    return true
  }

  // MARK: Parts

  /// Split's and Slice's results as views of the operand.
  mutating func addPart(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], graph[input].type.rank == 4,
      let shape = graph[input].type.shape,
      node.outputs.allSatisfy({ graph[$0].type.shape?.count ?? 0 > 0 })
    else { return false }
    var parts: [Surface.Part] = []
    if let split = node.op as? Split {
      guard (split.axis + 4) % 4 == 1 else { return false }
      var channel = 0
      for output in node.outputs {
        parts.append(Surface.Part(surface: 0, offset: channel))
        channel += graph[output].type.dimensions[1].value ?? 0
      }
    } else {
      guard let part = try slice(node, shape) else { return false }
      parts = [part]
    }
    guard let source = try picture(of: input) else { return false }
    for (output, part) in zip(node.outputs, parts) {
      guard let extents = graph[output].type.shape?.dimensions else { return false }
      var view = surfaces[source]
      view.name = graph[output].name
      view.extents = extents
      view.home = .arena
      var part = part
      part.surface = source
      view.part = part
      surfaces.append(view)
      let index = surfaces.count - 1
      pictures[output] =
        options.isDisabled("views") ? converted(index, to: view.element, node) : index
    }
    return true
  }

  /// The part that a Slice with constant bounds and positive steps is.
  private func slice(_ node: Node, _ shape: Shape) throws -> Surface.Part? {
    let lists = try (1..<5).map { index -> [Int]? in
      guard index < node.inputs.count, let id = node.inputs[index] else { return nil }
      return try graph[id].constant?.integers()
    }
    guard let starts = lists[0], let ends = lists[1], starts.count == ends.count else {
      return nil
    }
    let axes = lists[2] ?? Array(0..<starts.count)
    let steps = lists[3] ?? [Int](repeating: 1, count: starts.count)
    for index in 1..<node.inputs.count where node.inputs[index] != nil && lists[index - 1] == nil {
      return nil
    }
    guard axes.count == starts.count, steps.count == starts.count else { return nil }
    var part = Surface.Part(surface: 0)
    for (index, axis) in axes.enumerated() {
      let axis = axis < 0 ? axis + 4 : axis
      guard steps[index] > 0, (1..<4).contains(axis) else { return nil }
      let start = starts[index] < 0 ? starts[index] + shape[axis] : starts[index]
      let first = min(max(start, 0), shape[axis])
      switch axis {
      case 1:
        guard steps[index] == 1 else { return nil }
        part.offset = first
      case 2: (part.firstRow, part.rowStep) = (first, steps[index])
      default: (part.firstColumn, part.columnStep) = (first, steps[index])
      }
    }
    return part
  }

  // MARK: Copies

  /// Nearest upsampling by a whole number, into wherever the result lies.
  mutating func addResize(_ node: Node, _ op: Resize) throws -> Bool {
    guard let input = node.inputs[0], let from = graph[input].type.shape, from.rank == 4,
      let to = graph[node.outputs[0]].type.shape, op.mode == .nearest, from.count > 0,
      from[0] == to[0], from[1] == to[1], to[2] % from[2] == 0, to[3] % from[3] == 0,
      to[2] / from[2] == to[3] / from[3], to[2] / from[2] <= 16,
      isFloorOfQuotient(op, to[2] / from[2]), try scales(node, op, agreeWith: to[2] / from[2]),
      let source = try picture(of: input),
      let target = newPicture(node.outputs[0], surfaces[source].element)
    else { return false }
    let work = Layer.Work.copy(source: source, target: target, repetition: to[2] / from[2])
    add(node.name, node.provenance, work, writes: target)
    pictures[node.outputs[0]] = target
    return true
  }

  /// Whether the scales that a node states, if it does, are the quotient of the extents.
  private func scales(_ node: Node, _ op: Resize, agreeWith ratio: Int) throws -> Bool {
    if node.inputs.count > 3, let sizes = node.inputs[3] {
      if graph[sizes].type.dimensions.first?.value != 0 { return true }
    }
    guard node.inputs.count > 2, let scales = try constant(node.inputs[2])?.floats() else {
      return false
    }
    let axes = op.axes?.map { ($0 + 4) % 4 } ?? Array(0..<4)
    return zip(axes, scales).allSatisfy { axis, scale in scale == (axis < 2 ? 1 : Float(ratio)) }
  }

  /// Whether every position reads the sample at ⌊position / ratio⌋.
  private func isFloorOfQuotient(_ op: Resize, _ ratio: Int) -> Bool {
    switch (op.coordinateTransformation, op.nearestMode) {
    case (.asymmetric, .floor): true
    // (x + 1/2) / r - 1/2 is within half a sample of ⌊x / r⌋, and never a tie.
    case (.halfPixel, .roundPreferFloor), (.halfPixel, .roundPreferCeil),
      (.pytorchHalfPixel, .roundPreferFloor), (.pytorchHalfPixel, .roundPreferCeil):
      ratio > 1
    default: false
    }
  }

  /// Another element type: the layer that writes the operand writes it so at once, where nobody
  /// else reads the operand.
  mutating func addCast(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0] else { return false }
    let (from, to) = (graph[input].type, graph[node.outputs[0]].type)
    if to.rank == 4, let element = Element(to.scalarType), Element(from.scalarType) != nil {
      return try store(input, as: element, node)
    }
    return try addPlanarCast(node, input)
  }

  /// Half precision as floats, or the other way: what callers give and take.
  private mutating func addPlanarCast(_ node: Node, _ input: ValueID) throws -> Bool {
    let output = node.outputs[0]
    guard graph[input].constant == nil, Element(plane: graph[input].type.scalarType) != nil,
      let element = Element(plane: graph[output].type.scalarType),
      case .surface(let plane) = try plane(of: input)
    else { return false }
    // From one narrow type to another there is no kernel.
    let wide =
      element == .float32 || surfaces[plane].element == element
      ? plane : cast(plane, to: .float32, node.name + ".float32", node.provenance)
    let target = cast(wide, to: element, graph[output].name, node.provenance)
    planes[output] = .surface(target)
    return true
  }

  /// A value stored as bytes with a scale.
  mutating func addQuantize(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], graph[input].type.rank == 4,
      graph[input].type.scalarType == .float32,
      let scale = try constant(node.inputs[1])?.floats(), scale.count == 1, scale[0] > 0,
      scale[0].isFinite
    else { return false }
    let type = graph[node.outputs[0]].type.scalarType
    var zero: Int32 = 0
    if node.inputs.count > 2, let id = node.inputs[2] {
      guard let stored = try graph[id].constant?.integers().first else { return false }
      zero = Int32(stored)
    }
    switch type {
    case .int8: zero += 128
    case .uint8: break
    default: return false
    }
    return try store(input, as: .quantized(scale: scale[0], zero: zero), node)
  }

  /// Bytes with a scale read as numbers: the same surface.
  mutating func addDequantize(_ node: Node) throws -> Bool {
    guard let input = node.inputs[0], let surface = pictures[input],
      case .quantized(let scale, let zero) = surfaces[surface].element,
      graph[node.outputs[0]].type.scalarType == .float32,
      let stated = try constant(node.inputs[1])?.floats(), stated == [scale]
    else { return false }
    let shift: Int32 = graph[input].type.scalarType == .int8 ? 128 : 0
    let stored =
      node.inputs.count > 2 ? try node.inputs[2].flatMap { graph[$0].constant }?.integers() : [0]
    guard stored == [Int(zero - shift)] else { return false }
    pictures[node.outputs[0]] = surface
    return true
  }

  private mutating func store(_ input: ValueID, as element: Element, _ node: Node) throws -> Bool {
    guard let source = try picture(of: input) else { return false }
    if surfaces[source].element == element {
      pictures[node.outputs[0]] = source
      return true
    }
    if let writer = writers[source], graph.useCount(of: input) == 1, surfaces[source].part == nil,
      surfaces[source].element == .float32 || surfaces[source].element == .bfloat16,
      canStore(layers[writer]), pictures.values.count(where: { $0 == source }) == 1
    {
      surfaces[source].element = element
      if surfaces[source].endsInsideGroup { surfaces[source].isExclusive = true }
      pictures[node.outputs[0]] = source
      return true
    }
    guard let target = newPicture(node.outputs[0], element) else { return false }
    let work = Layer.Work.copy(source: source, target: target, repetition: 1)
    add(node.name, node.provenance, work, writes: target)
    pictures[node.outputs[0]] = target
    return true
  }

  /// Whether a layer converts what it stores.
  private func canStore(_ layer: Layer) -> Bool {
    switch layer.work {
    // What oneDNN was chosen for is what it was measured for.
    case .convolution(let work) where work.kind == .oneDNN: false
    case .convolution, .elementwise, .fromPlanar, .copy: true
    default: false
    }
  }
}
