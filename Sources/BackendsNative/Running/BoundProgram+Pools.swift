import CNativeKernels

extension BoundProgram {
  /// The largest of each window, rows shared out.
  func pool(_ work: PoolWork) -> Step {
    let target = program.surfaces[work.target]
    let pools = each(target.pictures) { kernel(work, $0, 0, target.channels) }
    let isa = isa
    return rows(target.pictures, target.height) { picture, first, count in
      native_max_pool(pools + picture, isa, first, count)
    }
  }

  /// A chain of pools, channels shared out: a thread takes some of them through all pools, so that
  /// what one writes is in its cache for the next.
  func pools(_ works: [PoolWork]) -> Step {
    let target = program.surfaces[works[0].target]
    // Whole vectors, at most a cache line of bytes or four of floats for each pixel.
    let share = (target.channels + team.count - 1) / team.count
    let width = min(max((share + 15) / 16 * 16, 16), 64)
    let blocks = (target.channels + width - 1) / width
    let chains = each(target.pictures * blocks * works.count) { index in
      let (task, step) = index.quotientAndRemainder(dividingBy: works.count)
      let (picture, block) = task.quotientAndRemainder(dividingBy: blocks)
      let first = block * width
      return kernel(works[step], picture, first, min(width, target.channels - first))
    }
    let heights = works.map { Int32(program.surfaces[$0.target].height) }
    let isa = isa
    return .tasks(target.pictures * blocks) { task, _ in
      for step in heights.indices {
        native_max_pool(chains + task * heights.count + step, isa, 0, heights[step])
      }
    }
  }

  private func kernel(_ work: PoolWork, _ picture: Int, _ first: Int, _ channels: Int)
    -> CNativeKernels.native_pool
  {
    let (source, target) = (program.surfaces[work.source], program.surfaces[work.target])
    return CNativeKernels.native_pool(
      input: view(work.source, picture: picture, channel: first),
      input_height: Int32(source.height),
      input_width: Int32(source.width),
      channels: Int32(channels),
      kernel_height: Int32(work.kernel[0]),
      kernel_width: Int32(work.kernel[1]),
      stride_height: Int32(work.strides[0]),
      stride_width: Int32(work.strides[1]),
      pad_top: Int32(work.pads[0]),
      pad_left: Int32(work.pads[1]),
      output_width: Int32(target.width),
      output: view(work.target, picture: picture, channel: first)
    )
  }
}
