import CNativeKernels
import Graphs
import Tensors

extension Compiler {
  /// The largest of each window of a picture.
  mutating func addPool(_ node: Node, _ op: MaxPool) throws -> Bool {
    guard let input = node.inputs[0], let shape = graph[input].type.shape, shape.rank == 4,
      let result = graph[node.outputs[0]].type.shape, result.count > 0,
      let geometry = try Geometry(op.window, op.window.kernelShape, shape, result),
      geometry.dilations == [1, 1], let source = try picture(of: input),
      let target = newPicture(node.outputs[0], surfaces[source].element)
    else { return false }
    // A rounded-up last window may lie outside but for its first row: it is clipped like any other.
    let work = PoolWork(
      source: source,
      target: target,
      kernel: geometry.kernel,
      strides: geometry.strides,
      pads: Array(geometry.pads[..<2])
    )
    add(node.name, node.provenance, .pools([work]), writes: target)
    pictures[node.outputs[0]] = target
    return true
  }

  /// The sum of two pictures of one shape.
  mutating func addSum(_ node: Node) throws -> Bool {
    guard let left = node.inputs[0], let right = node.inputs[1],
      graph[left].type.rank == 4, graph[left].type == graph[right].type,
      isPicture(left) || isPicture(right), let first = try picture(of: left),
      let second = try picture(of: right)
    else { return false }
    return addElementwise(node, first, second, .identity)
  }

  /// A function of each element of a picture.
  mutating func addActivation(_ node: Node) throws -> Bool {
    guard node.inputs.count >= 1, let input = node.inputs[0], isPicture(input),
      let activation = try activation(of: node), let source = try picture(of: input)
    else { return false }
    return addElementwise(node, source, nil, activation)
  }

  private func activation(of node: Node) throws -> Activation? {
    guard node.op is Clip else { return Activation(node.op) }
    var bounds: [Float] = [-.infinity, .infinity]
    for index in 1...2 where index < node.inputs.count && node.inputs[index] != nil {
      guard let bound = try constant(node.inputs[index])?.floats().first else { return nil }
      bounds[index - 1] = bound
    }
    return .clip(lower: bounds[0], upper: bounds[1])
  }

  private mutating func addElementwise(
    _ node: Node,
    _ first: Int,
    _ second: Int?,
    _ activation: Activation
  ) -> Bool {
    guard let target = newPicture(node.outputs[0]) else { return false }
    let work = ElementwiseWork(
      first: first,
      second: second,
      target: target,
      activation: ActivationCode(activation)
    )
    add(node.name, node.provenance, .elementwise(work), writes: target)
    pictures[node.outputs[0]] = target
    return true
  }

  /// One head's boxes, written where they are read.
  mutating func addDecode(_ node: Node, _ op: DetectDecode) throws -> Bool {
    guard let input = node.inputs[0], op.strides[0] == op.strides[1],
      let source = try picture(of: input), let shape = graph[node.outputs[0]].type.shape
    else { return false }
    surfaces.append(
      Surface(
        name: graph[node.outputs[0]].name,
        element: .float32,
        extents: shape.dimensions,
        isPlanar: true
      )
    )
    let target = surfaces.count - 1
    let work = DecodeWork(
      source: source,
      target: target,
      anchors: op.anchors,
      stride: op.strides[0],
      sigmoidFields: op.sigmoidFields
    )
    planes[node.outputs[0]] = .surface(target)
    if fuse(work, node, reading: input) { return true }
    add(node.name, node.provenance, .decode(work), writes: target)
    return true
  }

  /// Decodes where the logits are computed, if nobody else reads them.
  private mutating func fuse(_ decode: DecodeWork, _ node: Node, reading input: ValueID) -> Bool {
    guard !options.isDisabled("decode-with-convolution"), let writer = writers[decode.source],
      graph.useCount(of: input) == 1, surfaces[decode.source].part == nil,
      case .convolution(var work) = layers[writer].work, work.kind == .dense,
      work.target == decode.source, work.firstOutput == 0,
      work.outputChannels == surfaces[decode.source].channels, work.residual == nil,
      options.workspace?.allows(surfaces[decode.source].rowScratch) ?? true
    else { return false }
    work.decode = decode
    surfaces[decode.source].home = .scratch
    layers[writer].work = .convolution(work)
    layers[writer].name += "+" + node.name
    layers[writer].provenance = Provenance(merging: [layers[writer].provenance, node.provenance])
    writers[decode.source] = nil
    writers[decode.target] = writer
    return true
  }
}
