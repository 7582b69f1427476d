import CNativeKernels
import Graphs

extension BoundProgram {
  /// A convolution by oneDNN: one call for so many rows, each by one of our threads alone.
  func oneDNN(_ work: ConvolutionWork) throws -> Step {
    guard let library = oneDNN else { throw OneDNNSource.missing }
    let convolution: OneDNNConvolution
    do {
      convolution = try OneDNNConvolution(OneDNNForm(work, program.surfaces), library)
    } catch let refusal as OneDNNForm.Refusal {
      throw OneDNNSource.refused(refusal.reason)
    }
    try convolution.bind(pool, workerCount: team.count)
    reserveScratch(convolution.threadScratch.total)
    let pictures = program.surfaces[work.source].pictures
    let places = each(pictures) { picture in
      OneDNNPlaces(
        source: shifted(work, picture),
        target: view(work.target, picture: picture),
        residual: work.residual.map { view($0, picture: picture) } ?? native_view()
      )
    }
    let calls = convolution.form.callCount
    return .caller { [unowned self] in
      team.run(pictures * calls) { [unowned self] task, worker in
        compute(convolution, places[task / calls], call: task % calls, worker)
      }
      try convolution.checkRuns()
    }
  }

  /// The source view where the window of the first pixel begins, with its own steps.
  private func shifted(_ work: ConvolutionWork, _ picture: Int) -> native_view {
    var input = view(work.source, picture: picture, channel: work.firstChannel)
    let shift = work.pads[0] * Int(input.row_step) + work.pads[1] * Int(input.pixel_step)
    input.data = input.data.map { $0 - shift }
    return input
  }

  private func compute(
    _ convolution: OneDNNConvolution,
    _ places: OneDNNPlaces,
    call: Int,
    _ worker: Int
  ) {
    let form = convolution.form
    let work = form.work
    let first = call * form.rows
    let rows = min(form.rows, form.height - first)
    let memory = scratch(of: worker)
    let sizes = convolution.threadScratch
    var source = places.source
    source.move(rows: first * work.strides[0])
    if form.gathers {
      var dense = source.dense(memory, form.sourceWidth, work.inputChannels)
      let count = Int32(form.sourceRows(rows))
      let (width, channels) = (Int32(form.sourceWidth), Int32(work.inputChannels))
      native_copy(&source, &dense, isa, count, width, channels, 1)
      source = dense
    }
    var target = places.target
    target.move(rows: first)
    var written = target
    if form.scatters {
      written = target.dense(memory + sizes.gathered, form.width, work.outputChannels)
    }
    let (count, width, channels) = (Int32(rows), Int32(form.width), Int32(work.outputChannels))
    if work.residual != nil {
      // What is added lies where the result will be.
      var residual = places.residual
      residual.move(rows: first)
      native_copy(&residual, &written, isa, count, width, channels, 1)
    }
    guard let from = source.data, let to = written.data else { return }
    convolution.run(
      rows: rows,
      worker: worker,
      from: from,
      to: to,
      scratch: memory + sizes.scattered
    )
    if form.scatters { native_copy(&written, &target, isa, count, width, channels, 1) }
  }
}

/// Where one picture's convolution reads and writes.
private struct OneDNNPlaces {
  var source: native_view
  var target: native_view
  var residual: native_view
}

extension native_view {
  /// Down by so many rows.
  fileprivate mutating func move(rows: Int) {
    let bytes = rows * Int(row_step)
    data = data.map { $0 + bytes }
  }

  /// Pixels of the same type without gaps.
  fileprivate func dense(
    _ memory: UnsafeMutableRawPointer,
    _ width: Int,
    _ channels: Int
  ) -> native_view {
    var view = self
    view.data = memory.assumingMemoryBound(to: UInt8.self)
    view.pixel_step = Int64(channels * (type == NATIVE_BF16 ? 2 : 4))
    view.row_step = Int64(width) * view.pixel_step
    return view
  }
}
