import CNativeKernels

extension BoundProgram {
  /// A convolution with every address in place, one structure for each picture.
  func convolution(_ work: ConvolutionWork) throws -> Step {
    switch work.kind {
    case .oneDNN: try oneDNN(work)
    case .dense: dense(work)
    case .depthwise: depthwise(work)
    case .winograd: winograd(work)
    }
  }

  private func epilogue(
    _ work: ConvolutionWork,
    _ picture: Int,
    _ silu: UnsafePointer<native_silu>? = nil
  ) -> native_epilogue {
    var epilogue = native_epilogue()
    epilogue.silu = silu
    epilogue.bias = pool.bytes(work.bias).bindMemory(to: Float.self).baseAddress
    epilogue.scale = work.scale.flatMap {
      pool.bytes($0).bindMemory(to: Float.self).baseAddress
    }
    epilogue.activation = work.activation.native
    epilogue.alpha = work.activation.alpha
    epilogue.beta = work.activation.beta
    epilogue.residual_order = work.residualOrder
    if let residual = work.residual {
      epilogue.residual = view(residual, picture: picture, channel: work.firstOutput)
    }
    return epilogue
  }

  /// The tables of a layer's SiLU from bytes to bytes, where 16 bits hold what it computes.
  private func silu(_ work: ConvolutionWork) -> UnsafePointer<native_silu>? {
    var epilogue = epilogue(work, 0)
    var output = view(work.target, picture: 0, channel: work.firstOutput)
    guard epilogue.scale != nil, output.type == NATIVE_U8, work.activation.native == NATIVE_SILU,
      work.usesFloatSilu != true
    else { return nil }
    let channels = (work.outputChannels + 63) & ~63
    let silu = allocate(MemoryLayout<native_silu>.size).bindMemory(
      to: native_silu.self,
      capacity: 1
    )
    let numbers = allocate(channels * 8).bindMemory(to: Float.self, capacity: 2 * channels)
    let depth = work.kind == .depthwise ? 1 : work.inputChannels
    let made = native_silu_prepare(
      silu,
      &epilogue,
      &output,
      Int32(channels),
      Int64(work.kernel[0] * work.kernel[1] * depth * 255 * 128),
      numbers,
      numbers + channels
    )
    return made == 0 ? nil : UnsafePointer(silu)
  }

  /// The source view at output coordinates: strides are folded in, padding reaches into the border.
  private func window(_ work: ConvolutionWork, _ picture: Int) -> native_view {
    var input = view(work.source, picture: picture, channel: work.firstChannel)
    let shift = work.pads[0] * Int(input.row_step) + work.pads[1] * Int(input.pixel_step)
    input.data = input.data.map { $0 - shift }
    input.row_step *= Int64(work.strides[0])
    input.pixel_step *= Int64(work.strides[1])
    return input
  }

  /// Bytes from the first tap to each of the others.
  private func taps(_ work: ConvolutionWork) -> (offsets: UnsafeMutablePointer<Int64>, count: Int) {
    let input = view(work.source, picture: 0)
    let columns = work.mergesRow ? 1 : work.kernel[1]
    let count = work.kernel[0] * columns
    let offsets = allocate(count * 8).bindMemory(to: Int64.self, capacity: count)
    for row in 0..<work.kernel[0] {
      for column in 0..<columns {
        offsets[row * columns + column] =
          Int64(row * work.dilations[0]) * input.row_step
          + Int64(column * work.dilations[1]) * input.pixel_step
      }
    }
    return (offsets, count)
  }

  private func dense(_ work: ConvolutionWork) -> Step {
    let (source, target) = (program.surfaces[work.source], program.surfaces[work.target])
    let taps = taps(work)
    let run =
      work.mergesRow ? work.kernel[1] * source.channels : work.inputChannels
    let weights = pool.bytes(work.weights).baseAddress ?? UnsafeRawPointer(taps.offsets)
    let silu = silu(work)
    let convolutions = each(source.pictures) { picture in
      native_conv(
        input: window(work, picture),
        tap_offsets: UnsafePointer(taps.offsets),
        tap_count: Int32(taps.count),
        group_count: Int32(WeightPacker.groupCount(run, source.element)),
        weights: weights,
        block_vectors: Int32(work.blockVectors),
        output_channels: Int32(work.outputChannels),
        output_width: Int32(target.width),
        output: view(work.target, picture: picture, channel: work.firstOutput),
        epilogue: epilogue(work, picture, silu)
      )
    }
    let lanes = 16 * work.blockVectors
    let blocks = Int32((work.outputChannels + lanes - 1) / lanes)
    let isa = isa
    if let decode = work.decode { return decoded(convolutions, decode, blocks, target) }
    if team.count > 1, blocks >= team.count, pool.bytes(work.weights).count > 512 << 10 {
      // Each thread's cache gets some of the weights and all pixels, instead of the reverse.
      let parts = Int(blocks) % team.count == 0 ? 1 : min(team.count, target.height)
      return .tasks(source.pictures * Int(blocks) * parts) { task, _ in
        let rows = Self.share(task % parts, of: parts, target.height)
        let (picture, block) = (task / parts).quotientAndRemainder(dividingBy: Int(blocks))
        native_conv_run(convolutions + picture, isa, rows.first, rows.count, Int32(block), 1)
      }
    }
    return rows(source.pictures, target.height) { picture, first, count in
      native_conv_run(convolutions + picture, isa, first, count, 0, blocks)
    }
  }

  /// Rows of logits in a worker's scratch memory, decoded one by one while they are in its cache.
  private func decoded(
    _ convolutions: UnsafeMutablePointer<native_conv>,
    _ work: DecodeWork,
    _ blocks: Int32,
    _ logits: Surface
  ) -> Step {
    reserveScratch(logits.rowScratch)
    let heads = heads(work)
    let isa = isa
    return workerRows(logits.pictures, logits.height) {
      [unowned self] picture, first, count, worker in
      // Every row is written to the same place.
      var convolution = convolutions[picture]
      var head = heads[picture]
      convolution.output.data = scratch(of: worker).assumingMemoryBound(to: UInt8.self)
      convolution.output.row_step = 0
      head.head = convolution.output
      for row in first..<(first + count) {
        native_conv_run(&convolution, isa, row, 1, 0, blocks)
        native_decode_run(&head, isa, row, 1)
      }
    }
  }

  private func depthwise(_ work: ConvolutionWork) -> Step {
    let (source, target) = (program.surfaces[work.source], program.surfaces[work.target])
    let taps = taps(work)
    let weights = pool.bytes(work.weights).bindMemory(to: Float.self)
    guard let base = weights.baseAddress else { return .tasks(0) { _, _ in } }
    let silu = silu(work)
    let convolutions = each(source.pictures) { picture in
      native_depthwise(
        input: window(work, picture),
        tap_offsets: UnsafePointer(taps.offsets),
        tap_count: Int32(taps.count),
        weights: base,
        channels: Int32(work.outputChannels),
        output_width: Int32(target.width),
        output: view(work.target, picture: picture, channel: work.firstOutput),
        epilogue: epilogue(work, picture, silu)
      )
    }
    let isa = isa
    return rows(source.pictures, target.height) { picture, first, count in
      native_depthwise_run(convolutions + picture, isa, first, count)
    }
  }

  private func winograd(_ work: ConvolutionWork) -> Step {
    let (source, target) = (program.surfaces[work.source], program.surfaces[work.target])
    let weights = pool.bytes(work.weights).bindMemory(to: Float.self)
    guard let base = weights.baseAddress else { return .tasks(0) { _, _ in } }
    let (inputs, outputs) = (Int32(work.inputChannels), Int32(work.outputChannels))
    reserveScratch(work.winogradScratch(width: target.width))
    let convolutions = each(source.pictures) { picture in
      native_winograd(
        input: view(work.source, picture: picture),
        height: Int32(target.height),
        width: Int32(target.width),
        input_channels: inputs,
        output_channels: outputs,
        weights: base,
        output: view(work.target, picture: picture),
        epilogue: epilogue(work, picture)
      )
    }
    let isa = isa
    let tiles = (target.height + 3) / 4 * ((target.width + 3) / 4)
    // Fewer than 12 tiles read the weights too often for what they compute.
    let parts = max(1, min(tiles / 12, partsOfPicture(source.pictures)))
    return .tasks(source.pictures * parts) { [unowned self] task, worker in
      let share = Self.share(task % parts, of: parts, tiles)
      native_winograd_run_tiles(
        convolutions + task / parts,
        isa,
        share.first,
        share.count,
        scratch(of: worker)
      )
    }
  }
}
