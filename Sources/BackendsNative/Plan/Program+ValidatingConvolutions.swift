import CNativeKernels
import Diagnostics
import Graphs

/// See ``Program/validate(_:)``: the part that kernels believe most of.
extension Program {
  /// One convolution: its channels, its window, what follows it, its constants.
  func validate(_ work: ConvolutionWork, _ pool: ConstantPool) throws {
    try check(isPicture(work.source), "it reads no picture")
    if let decode = work.decode {
      try check(
        surfaces.indices.contains(work.target) && surfaces[work.target].home == .scratch
          && surfaces[work.target].part == nil && !surfaces[work.target].isPlanar
          && decode.source == work.target && work.kind == .dense && work.firstOutput == 0
          && work.outputChannels == surfaces[work.target].channels && work.residual == nil,
        "its decoding does not fit"
      )
      try validate(decode, fused: true)
    } else {
      try check(isPicture(work.target), "it writes no picture")
    }
    let (source, target) = (surfaces[work.source], surfaces[work.target])
    try check(source.pictures == target.pictures, "batches differ")
    try check(
      work.firstChannel >= 0 && work.inputChannels > 0
        && work.inputChannels <= source.channels - work.firstChannel && work.firstOutput >= 0
        && work.outputChannels > 0
        && work.outputChannels <= target.channels - work.firstOutput,
      "its channels do not fit"
    )
    let lists = [work.kernel, work.strides, work.dilations]
    try check(
      lists.allSatisfy { $0.count == 2 && $0.allSatisfy { (1...64).contains($0) } }
        && work.pads.count == 4 && work.pads.allSatisfy { (0...256).contains($0) },
      "its window makes no sense"
    )
    try check(
      work.activation.code <= NATIVE_MISH.rawValue && (0...2).contains(work.residualOrder)
        && (work.residualOrder == 0) == (work.residual == nil),
      "what follows it makes no sense"
    )
    if let residual = work.residual {
      try check(isPicture(residual), "it adds no picture")
      try check(surfaces[residual].extents == target.extents, "it adds another shape")
    }
    try validateWindow(work, source, target)
    try validateConstants(work, source, target, pool)
  }

  private func validateWindow(_ work: ConvolutionWork, _ source: Surface, _ target: Surface) throws
  {
    let border = surfaces[root(of: work.source)].border
    let sides = [
      (source.height, target.height, border.top, border.bottom),
      (source.width, target.width, border.left, border.right),
    ]
    for (axis, side) in sides.enumerated() {
      let last =
        (side.1 - 1) * work.strides[axis] + (work.kernel[axis] - 1) * work.dilations[axis]
        - work.pads[axis]
      let isInside = work.pads[axis] == 0 && last < side.0
      let hasBorder = surfaces.hasAllPixels(work.source)
      try check(
        isInside || (hasBorder && work.pads[axis] <= side.2 && last <= side.0 - 1 + side.3),
        "its window leaves the picture's border"
      )
    }
    if work.mergesRow {
      try check(
        work.kind == .dense && source.part == nil && source.channels <= 4
          && work.inputChannels == source.channels && work.dilations[1] == 1,
        "its rows are no runs"
      )
    }
    if work.kind == .oneDNN {
      do { _ = try OneDNNForm(work, surfaces) } catch let refusal as OneDNNForm.Refusal {
        throw DeployError.damagedPlan("it is no convolution of oneDNN's: \(refusal.reason)")
      }
    }
    if work.kind == .winograd {
      try check(
        (source.element == .float32 || source.element == .bfloat16) && work.kernel == [3, 3]
          && work.strides == [1, 1]
          && work.dilations == [1, 1] && work.pads == [1, 1, 1, 1] && work.firstChannel == 0
          && work.firstOutput == 0 && work.inputChannels == source.channels
          && work.outputChannels == target.channels && target.height == source.height
          && target.width == source.width
          && [border.top, border.left, border.bottom, border.right].allSatisfy { $0 >= 1 },
        "it is no convolution of Winograd's"
      )
    }
  }

  private func validateConstants(
    _ work: ConvolutionWork,
    _ source: Surface,
    _ target: Surface,
    _ pool: ConstantPool
  ) throws {
    func has(_ number: Int, _ byteCount: Int) -> Bool {
      (0..<pool.count).contains(number) && pool.bytes(number).count >= byteCount
    }
    let padded = (work.outputChannels + 63) & ~63
    try check(has(work.bias, padded * 4), "its bias is too small")
    var isQuantized = false
    if case .quantized = source.element { isQuantized = true }
    if isQuantized || work.scale != nil {
      try check(work.scale.map { has($0, padded * 4) } ?? false, "its scales are too small")
    }
    let taps = work.kernel[0] * work.kernel[1]
    switch work.kind {
    case .depthwise:
      try check(work.inputChannels == work.outputChannels, "channels differ")
      try check(has(work.weights, taps * padded * 4), "its weights are too small")
    case .winograd:
      let floats = native_winograd_packed_floats(
        Int32(work.inputChannels),
        Int32(work.outputChannels)
      )
      try check(has(work.weights, floats * 4), "its weights are too small")
    case .oneDNN:
      try check(
        pool.bytes(work.weights).count == work.plainWeightCount * source.element.byteCount,
        "its weights are too small"
      )
    case .dense:
      try check([1, 2, 4].contains(work.blockVectors), "its blocks make no sense")
      let lanes = 16 * work.blockVectors
      let blocks = (work.outputChannels + lanes - 1) / lanes
      let run = work.mergesRow ? work.kernel[1] * source.channels : work.inputChannels
      let groups = WeightPacker.groupCount(run, source.element)
      let rows = work.mergesRow ? work.kernel[0] : taps
      try check(
        has(work.weights, blocks * rows * groups * lanes * 4),
        "its weights are too small"
      )
    }
  }
}
