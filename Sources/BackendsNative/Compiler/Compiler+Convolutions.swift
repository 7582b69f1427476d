import CNativeKernels
import Graphs
import Tensors

extension Compiler {
  /// A convolution over two axes with constant weights.
  mutating func addConvolution(_ node: Node, _ op: FusedConvolution) throws -> Bool {
    guard let input = node.inputs[0], let weightID = node.inputs[1],
      let shape = graph[input].type.shape, shape.rank == 4,
      let weights = try constant(weightID), weights.shape.rank == 4,
      let result = graph[node.outputs[0]].type.shape, result.count > 0
    else { return false }
    let window = op.convolution.window
    guard let geometry = try Geometry(window, Array(weights.shape.dimensions[2...]), shape, result),
      var source = try picture(of: input),
      surfaces[source].element != .float32
        || graph[input].type.scalarType == .float32
    else { return false }
    let bias = try constant(node.inputs.count > 2 ? node.inputs[2] : nil)
    guard bias != nil || node.inputs.count < 3 || node.inputs[2] == nil else { return false }
    var residual: Int?
    if op.residual != .none {
      guard let added = node.inputs[3], let surface = try picture(of: added) else { return false }
      residual = surface
    }
    let stored = quantizedWeights(weightID)
    let groups = op.convolution.groups
    let isDepthwise = groups > 1 && groups == shape[1] && result[1] == shape[1]
    if case .quantized = surfaces[source].element, stored == nil {
      source = converted(source, to: .float32, node)
    }
    source = bordered(source, geometry, node)
    guard let target = newPicture(node.outputs[0]) else { return false }
    let element = surfaces[source].element
    let constants = try ChannelConstants(
      bias: bias?.floats() ?? [Float](repeating: 0, count: result[1]),
      element: element,
      // Depthwise kernels subtract the zero themselves.
      stored: stored,
      subtractsZero: !isDepthwise
    )
    let count = isDepthwise ? 1 : groups
    let (inputs, outputs) = (shape[1] / count, result[1] / count)
    let usesStored: Bool
    if case .quantized = element { usesStored = true } else { usesStored = false }
    let packed = usesStored ? stored?.weights ?? weights : weights
    for group in 0..<count {
      var work = ConvolutionWork(
        kind: isDepthwise ? .depthwise : .dense,
        source: source,
        target: target,
        firstChannel: group * inputs,
        inputChannels: inputs,
        firstOutput: group * outputs,
        outputChannels: outputs,
        kernel: geometry.kernel,
        strides: geometry.strides,
        dilations: geometry.dilations,
        pads: geometry.pads,
        blockVectors: Self.blockVectors(outputs),
        weights: 0,
        bias: 0,
        activation: ActivationCode(op.activation)
      )
      if options.isDisabled("integer-silu") { work.usesFloatSilu = true }
      work.residual = residual
      work.residualOrder = op.residual == .none ? 0 : op.residual == .afterActivation ? 1 : 2
      work.mergesRow = mergesRow(work)
      choose(&work)
      let range = work.firstOutput..<(work.firstOutput + outputs)
      work.bias = try packer.channels(Array(constants.bias[range]))
      if let scale = constants.scale { work.scale = try packer.channels(Array(scale[range])) }
      work.weights = try pack(work, packed, element)
      add(
        count == 1 ? node.name : "\(node.name).group\(group)",
        node.provenance,
        .convolution(work),
        writes: target,
        multiplyAdds: Int64(result.count / count)
          * Int64(weights.shape.dimensions[1...].reduce(1, *))
      )
    }
    pictures[node.outputs[0]] = target
    return true
  }

  /// A normalization that no convolution took: a depthwise convolution of one tap.
  mutating func addNormalization(_ node: Node, _ op: BatchNormalization) throws -> Bool {
    let parameters = try node.inputs.dropFirst().map {
      try $0.flatMap { graph[$0].constant }?.floats()
    }
    guard let input = node.inputs[0], node.outputs.count == 1, parameters.count == 4,
      let scale = parameters[0], let shift = parameters[1], let mean = parameters[2],
      let variance = parameters[3], var source = try picture(of: input),
      [shift, mean, variance].allSatisfy({ $0.count == scale.count }),
      surfaces[source].channels == scale.count, let target = newPicture(node.outputs[0])
    else { return false }
    if case .quantized = surfaces[source].element {
      source = converted(source, to: .float32, node)
    }
    let epsilon = try Attributes(op.attributes).float("epsilon", default: 1e-5)
    let factor = scale.indices.map { scale[$0] / (variance[$0] + epsilon).squareRoot() }
    let offset = scale.indices.map { shift[$0] - mean[$0] * factor[$0] }
    var work = ConvolutionWork(
      kind: .depthwise,
      source: source,
      target: target,
      inputChannels: scale.count,
      outputChannels: scale.count,
      kernel: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      blockVectors: 1,
      weights: 0,
      bias: 0,
      activation: ActivationCode(.identity)
    )
    let tensor = try Tensor(factor, shape: [factor.count, 1, 1, 1])
    work.weights = try packer.depthwise(tensor)
    work.bias = try packer.channels(offset)
    add(node.name, node.provenance, .convolution(work), writes: target)
    pictures[node.outputs[0]] = target
    return true
  }

  /// Signed bytes of weights with a scale for each output channel, as the graph stores them.
  private func quantizedWeights(_ id: ValueID) -> StoredWeights? {
    guard let node = graph.producer(of: id), let op = node.op as? DequantizeLinear,
      let stored = node.inputs[0].flatMap({ graph[$0].constant }), stored.scalarType == .int8,
      let scale = try? node.inputs[1].flatMap({ graph[$0].constant })?.floats(),
      scale.count == 1 || (op.axis == 0 && scale.count == stored.shape[0])
    else { return nil }
    if node.inputs.count > 2, let zero = node.inputs[2] {
      guard let zeros = try? graph[zero].constant?.integers(), zeros.allSatisfy({ $0 == 0 }) else {
        return nil
      }
    }
    let scales =
      scale.count == 1 ? [Float](repeating: scale[0], count: stored.shape[0]) : scale
    return StoredWeights(weights: stored, scales: scales)
  }

  private func pack(
    _ work: ConvolutionWork,
    _ weights: Tensor,
    _ element: Element
  ) throws -> Int {
    switch work.kind {
    case .depthwise: return try packer.depthwise(weights)
    case .winograd: return try packer.winograd(weights)
    case .oneDNN: return try packer.plain(weights, element)
    case .dense:
      return try packer.dense(
        weights,
        WeightPacker.Layout(
          element: element,
          firstOutput: work.firstOutput,
          outputCount: work.outputChannels,
          blockVectors: work.blockVectors,
          mergesRow: work.mergesRow,
          pixelChannels: surfaces[work.source].channels
        )
      )
    }
  }

  /// The vectors of a block that waste the fewest lanes; the wider of two that waste the same.
  static func blockVectors(_ outputs: Int) -> Int {
    [4, 2, 1].min { left, right in
      let lanes = { (vectors: Int) in (outputs + 16 * vectors - 1) / (16 * vectors) * 16 * vectors }
      return lanes(left) < lanes(right)
    } ?? 1
  }

  /// Pixels of few channels lie side by side without gaps, and never become part of a surface.
  private func mergesRow(_ work: ConvolutionWork) -> Bool {
    let surface = surfaces[work.source]
    return work.kind == .dense && surface.part == nil && surface.channels <= 4
      && work.inputChannels == surface.channels && work.kernel[1] > 1 && work.dilations[1] == 1
  }

  /// The implementation: as measurements chose, else the one that is usually best.
  private func choose(_ work: inout ConvolutionWork) {
    let source = surfaces[work.source]
    guard work.kind == .dense else { return }
    let canUseWinograd =
      !options.isDisabled("winograd") && Self.canUseWinograd(work, source)
      && options.workspace?.allows(work.winogradScratch(width: source.width)) ?? true
    guard let tactic = options.tactics[TacticSignature(work, source).text] else {
      if canUseWinograd, work.inputChannels >= 16, work.outputChannels >= 16 {
        work.kind = .winograd
      }
      return
    }
    if tactic.kind == .oneDNN, (try? OneDNNForm(work, surfaces)) != nil {
      (work.kind, work.mergesRow) = (.oneDNN, false)
    }
    if tactic.kind == .winograd, canUseWinograd { work.kind = .winograd }
    if [1, 2, 4].contains(tactic.blockVectors) { work.blockVectors = tactic.blockVectors }
  }

  static func canUseWinograd(_ work: ConvolutionWork, _ source: Surface) -> Bool {
    (source.element == .float32 || source.element == .bfloat16) && work.kernel == [3, 3]
      && work.strides == [1, 1] && work.dilations == [1, 1] && work.pads == [1, 1, 1, 1]
      && work.firstChannel == 0 && work.firstOutput == 0
      && work.inputChannels == source.channels && !work.mergesRow
  }

  /// A source whose border can be read: views of some of the pixels have none.
  private mutating func bordered(_ source: Int, _ geometry: Geometry, _ node: Node) -> Int {
    guard geometry.needsBorder, !surfaces.hasAllPixels(source) else { return source }
    return converted(source, to: surfaces[source].element, node)
  }

  /// A copy in another element, or of a part as a surface of its own.
  mutating func converted(_ source: Int, to element: Element, _ node: Node) -> Int {
    var copy = surfaces[source]
    copy.element = element
    copy.part = nil
    copy.home = .arena
    copy.border = Surface.Border()
    copy.isExclusive = copy.endsInsideGroup
    surfaces.append(copy)
    let target = surfaces.count - 1
    add(
      "\(node.name).\(element.name)",
      node.provenance,
      .copy(source: source, target: target, repetition: 1),
      writes: target
    )
    return target
  }
}

/// Weights as a quantised graph stores them.
struct StoredWeights {
  /// Signed bytes `[M, C, kh, kw]`.
  var weights: Tensor
  /// One for each of the M.
  var scales: [Float]
}

/// The numbers of each output channel.
private struct ChannelConstants {
  var bias: [Float]
  var scale: [Float]?

  /// For bytes, the sum is over (byte - zero): Σ byte · w - zero · Σ w, of which the second part
  /// is constant and goes into the bias.
  init(bias: [Float], element: Element, stored: StoredWeights?, subtractsZero: Bool) throws {
    self.bias = bias
    guard case .quantized(let step, let zero) = element, let stored else { return }
    scale = stored.scales.map { $0 * step }
    guard subtractsZero else { return }
    let values = try stored.weights.scalars(of: Int8.self)
    let depth = values.count / max(1, bias.count)
    for channel in bias.indices {
      var sum = 0
      for index in (channel * depth)..<((channel + 1) * depth) { sum += Int(values[index]) }
      let factor = Double(stored.scales[channel] * step)
      self.bias[channel] = Float(Double(bias[channel]) - factor * Double(sum * Int(zero)))
    }
  }
}

/// A window over two axes of known extents.
struct Geometry {
  var kernel: [Int]
  var strides: [Int]
  var dilations: [Int]
  /// Top, left, bottom, right.
  var pads: [Int]

  init?(_ window: Window, _ kernel: [Int], _ input: Shape, _ output: Shape) throws {
    guard kernel.count == 2, kernel.allSatisfy({ $0 > 0 && $0 <= 64 }) else { return nil }
    self.kernel = kernel
    strides = window.strides.isEmpty ? [1, 1] : window.strides
    dilations = window.dilations.isEmpty ? [1, 1] : window.dilations
    guard strides.allSatisfy({ $0 <= 64 }), dilations.allSatisfy({ $0 <= 64 }) else { return nil }
    pads = try window.padding(kernel: kernel, over: Array(input.dimensions[2...]))
    guard pads.allSatisfy({ $0 <= 256 }) else { return nil }
  }

  var needsBorder: Bool { pads.contains { $0 > 0 } }
}
