import Backends
import CTensorRT
import Diagnostics
import Graphs
import Tensors

extension TensorRTSession: PictureSession {
  func prepare(_ rules: PictureRules) throws -> PictureSupport {
    guard plan.gpuProcessing != .off else { return .none() }
    do {
      return try take(rules)
    } catch let error as DeployError where plan.gpuProcessing == .automatic {
      letterbox = nil
      selection = nil
      return .none(Self.note(error))
    }
  }

  private func take(_ rules: PictureRules) throws -> PictureSupport {
    guard let input = plan.info.inputs.first, plan.info.inputs.count == 1,
      input.name == rules.input, [.float32, .float16].contains(input.type.scalarType),
      rules.values.count == 768, rules.channels.count == 3,
      rules.channels.allSatisfy({ (0..<3).contains($0) })
    else {
      throw DeployError(
        .backendUnavailable,
        "the GPU scales pictures for one input of float32 or float16 only",
        remedy: "use --gpu-processing off"
      )
    }
    try stream.driver.enter()
    let kernels = try plan.libraries.kernels(stream.driver)
    forgetRecording()
    letterbox = try GPULetterbox(rules, input.type.scalarType, kernels, stream)
    selection = nil
    if let wish = rules.selection, let output = output(for: wish) {
      selection = try GPUSelection(wish, output: output, kernels, stream)
    }
    return PictureSupport(takesPictures: true, selects: selection != nil)
  }

  /// The output that holds rows of the head, as the processor would find it.
  private func output(for wish: PictureRules.Selection) -> String? {
    plan.info.outputs.first { output in
      output.type.rank == 3 && output.type.dimensions[2].value == wish.channelCount
        && [.float32, .float16].contains(output.type.scalarType)
    }?.name
  }

  private static func note(_ error: DeployError) -> Diagnostic {
    let cause = error.diagnostics[0]
    return Diagnostic(
      .note,
      .backendUnavailable,
      "pictures are scaled and boxes chosen on the processor: \(cause.message)",
      remedy: cause.remedy
    )
  }

  func place(
    _ pixels: UnsafeBufferPointer<UInt8>,
    _ placement: PicturePlacement,
    at index: Int,
    shape: Shape
  ) throws {
    guard let letterbox, let name = plan.info.inputs.first?.name else {
      throw DeployError(.backendUnknownBinding, "this session was not prepared for pictures")
    }
    _ = try bind(name, shape)
    try stream.driver.enter()
    do { try letterbox.place(pixels, placement, at: index, shape: shape) } catch {
      // What was placed of this run is forgotten: the next one begins anew.
      letterbox.end()
      throw error
    }
  }

  func selection(of index: Int) throws -> PictureSelection? { try selected(index) }
}
