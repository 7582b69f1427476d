import Backends
import CNativeKernels
import Diagnostics
import Graphs
import Tensors

extension BoundProgram {
  /// What a layer does, with every address in place.
  func step(_ layer: Layer) throws -> Step {
    let clear = clearing(layer.clearedSurfaces)
    let step = try unclearedStep(layer)
    guard let clear else { return step }
    return .caller { [unowned self] in
      clear()
      switch step {
      case .tasks(let count, let body): team.run(count, body)
      case .caller(let body): try body()
      }
    }
  }

  private func unclearedStep(_ layer: Layer) throws -> Step {
    switch layer.work {
    case .convolution(let work): try convolution(work)
    case .pools(let works): works.count == 1 ? pool(works[0]) : pools(works)
    case .copy(let source, let target, let repetition): copy(source, target, repetition)
    case .fromPlanar(let source, let target): fromPlanar(source, target)
    case .toPlanar(let source, let target): toPlanar(source, target)
    case .cast(let source, let target): cast(source, target)
    case .elementwise(let work): elementwise(work)
    case .decode(let work): decode(work)
    case .reference(let work): reference(work)
    }
  }

  /// Fills borders with zeros before the first layer writes beside them.
  private func clearing(_ surfaces: [Int]) -> (() -> Void)? {
    guard !surfaces.isEmpty else { return nil }
    return { [unowned self] in
      for index in surfaces {
        let surface = program.surfaces[index]
        let border = surface.border
        for picture in 0..<surface.pictures {
          var view = view(index, picture: picture)
          native_clear_border(
            &view,
            Int32(surface.height),
            Int32(surface.width),
            Int32(surface.channels),
            Int32(border.top),
            Int32(border.left),
            Int32(border.bottom),
            Int32(border.right)
          )
        }
      }
    }
  }

  /// Which of `count` things the part of that number has, when all are shared out evenly.
  static func share(_ part: Int, of parts: Int, _ count: Int) -> (first: Int32, count: Int32) {
    let (first, end) = (count * part / parts, count * (part + 1) / parts)
    return (Int32(first), Int32(end - first))
  }

  /// Parts of each picture: a few for each thread, so that one that was held up is made up for.
  func partsOfPicture(_ pictures: Int) -> Int {
    team.count == 1 ? 1 : max(1, (4 * team.count + pictures - 1) / pictures)
  }

  /// Rows of every picture, cut so that threads have work of about the same size.
  func rows(_ pictures: Int, _ height: Int, _ body: @escaping (Int, Int32, Int32) -> Void) -> Step {
    workerRows(pictures, height) { picture, first, count, _ in body(picture, first, count) }
  }

  /// The same for bodies that need to know their worker.
  func workerRows(
    _ pictures: Int,
    _ height: Int,
    _ body: @escaping (_ picture: Int, _ first: Int32, _ count: Int32, _ worker: Int) -> Void
  ) -> Step {
    let parts = max(1, min(height, partsOfPicture(pictures)))
    return .tasks(pictures * parts) { task, worker in
      let rows = Self.share(task % parts, of: parts, height)
      body(task / parts, rows.first, rows.count, worker)
    }
  }

  /// One structure for each picture, in memory that stays.
  func each<Value>(_ pictures: Int, _ make: (Int) -> Value) -> UnsafeMutablePointer<Value> {
    let memory = allocate(pictures * MemoryLayout<Value>.stride).bindMemory(
      to: Value.self,
      capacity: pictures
    )
    for picture in 0..<pictures { (memory + picture).initialize(to: make(picture)) }
    return memory
  }

  private func copy(_ source: Int, _ target: Int, _ repetition: Int) -> Step {
    let from = program.surfaces[source]
    let views = each(from.pictures) {
      (view(source, picture: $0), view(target, picture: $0))
    }
    let isa = isa
    return rows(from.pictures, from.height) { picture, first, count in
      var (input, output) = views[picture]
      input.data = input.data.map { $0 + Int(first) * Int(input.row_step) }
      output.data = output.data.map { $0 + Int(first) * repetition * Int(output.row_step) }
      native_copy(
        &input,
        &output,
        isa,
        count,
        Int32(from.width),
        Int32(from.channels),
        Int32(repetition)
      )
    }
  }

  private func fromPlanar(_ source: Layer.Source, _ target: Int) -> Step {
    let surface = program.surfaces[target]
    let (height, width, channels) = (surface.height, surface.width, surface.channels)
    let isa = isa
    let isPixels = isPixels(source)
    let byteCount = isPixels ? 1 : 4
    let write = {
      [unowned self] (planes: UnsafeRawPointer, picture: Int, first: Int, count: Int) in
      var view = view(target, picture: picture)
      view.data = view.data.map { $0 + first * Int(view.row_step) }
      native_from_planar(
        planes + first * width * byteCount,
        isPixels ? NATIVE_U8 : NATIVE_F32,
        Int64(height * width * byteCount),
        Int64(width * byteCount),
        &view,
        isa,
        Int32(count),
        Int32(width),
        Int32(channels),
        Int32(channels)
      )
    }
    switch source {
    case .surface(let index):
      return rows(surface.pictures, height) { [unowned self] picture, first, count in
        let start =
          isPixels
          ? pixels(index) + picture * channels * height * width
          : UnsafeRawPointer(plane(index, picture: picture))
        write(start, picture, Int(first), Int(count))
      }
    case .tensor:
      return .caller { [unowned self] in
        let tensor = try tensor(source)
        guard tensor.shape == Shape(surface.extents) else {
          throw DeployError(
            .backendFailed,
            "\(surface.name) has shape \(tensor.shape), not \(Shape(surface.extents))"
          )
        }
        try tensor.withScalars(of: Float.self) { floats in
          guard let base = floats.baseAddress else { return }
          for picture in 0..<surface.pictures {
            write(base + picture * channels * height * width, picture, 0, height)
          }
        }
      }
    }
  }

  private func toPlanar(_ source: Int, _ target: Int) -> Step {
    let surface = program.surfaces[source]
    let (height, width) = (surface.height, surface.width)
    let pairs = each(surface.pictures) { (view(source, picture: $0), plane(target, picture: $0)) }
    let isa = isa
    return rows(surface.pictures, height) { picture, first, count in
      var (view, planes) = pairs[picture]
      view.data = view.data.map { $0 + Int(first) * Int(view.row_step) }
      native_to_planar(
        &view,
        planes + Int(first) * width,
        Int64(height * width * 4),
        Int64(width * 4),
        isa,
        count,
        Int32(width),
        Int32(surface.channels)
      )
    }
  }

  /// Planar elements in another type, a run of them in each task.
  private func cast(_ source: Int, _ target: Int) -> Step {
    let (from, to) = (program.surfaces[source], program.surfaces[target])
    // Surfaces of their own have no gaps between pictures.
    let isWhole = from.part == nil && to.part == nil
    let pictures = isWhole ? 1 : from.pictures
    let count = from.extents.dropFirst(isWhole ? 0 : 1).reduce(1, *)
    let starts = each(pictures) {
      (planeStart(source, picture: $0), planeStart(target, picture: $0))
    }
    let isa = isa
    let unit = 4096
    return rows(pictures, (count + unit - 1) / unit) { picture, first, units in
      let start = Int(first) * unit
      let length = min(Int(units) * unit, count - start)
      let (read, written) = (
        starts[picture].0 + start * from.element.byteCount,
        starts[picture].1 + start * to.element.byteCount
      )
      if to.element == .float32 {
        let floats = written.assumingMemoryBound(to: Float.self)
        native_widen(read, from.element.native, floats, Int64(length), isa)
      } else {
        let floats = read.assumingMemoryBound(to: Float.self)
        native_narrow(floats, to.element.native, written, Int64(length), isa)
      }
    }
  }

  private func elementwise(_ work: ElementwiseWork) -> Step {
    let surface = program.surfaces[work.target]
    let views = each(surface.pictures) { picture in
      // A view without memory: nothing is added.
      (
        view(work.first, picture: picture),
        work.second.map { view($0, picture: picture) } ?? native_view(),
        view(work.target, picture: picture)
      )
    }
    let isa = isa
    let (width, channels) = (Int32(surface.width), Int32(surface.channels))
    let (activation, alpha, beta) = (
      work.activation.native, work.activation.alpha, work.activation.beta
    )
    return rows(surface.pictures, surface.height) { picture, first, count in
      var (a, b, target) = views[picture]
      a.data = a.data.map { $0 + Int(first) * Int(a.row_step) }
      b.data = b.data.map { $0 + Int(first) * Int(b.row_step) }
      target.data = target.data.map { $0 + Int(first) * Int(target.row_step) }
      native_unary_add(&a, &b, &target, isa, count, width, channels, activation, alpha, beta)
    }
  }

  private func decode(_ work: DecodeWork) -> Step {
    let surface = program.surfaces[work.source]
    let heads = heads(work)
    let isa = isa
    return rows(surface.pictures, surface.height) { picture, first, count in
      native_decode_run(heads + picture, isa, first, count)
    }
  }

  /// A head's decoding, one structure for each picture.
  func heads(_ work: DecodeWork) -> UnsafeMutablePointer<native_decode> {
    let surface = program.surfaces[work.source]
    let anchors = allocate(work.anchors.count * 4).bindMemory(
      to: Float.self,
      capacity: work.anchors.count
    )
    for (index, anchor) in work.anchors.enumerated() { anchors[index] = anchor }
    let count = work.anchors.count / 2
    let none = allocate(4).bindMemory(to: Float.self, capacity: 1)
    none.pointee = -.infinity
    return each(surface.pictures) { picture in
      native_decode(
        head: view(work.source, picture: picture),
        height: Int32(surface.height),
        width: Int32(surface.width),
        anchors: Int32(count),
        fields: Int32(surface.channels / max(1, count)),
        sigmoid_fields: Int32(work.sigmoidFields),
        stride: work.stride,
        anchor_sizes: anchors,
        output: plane(work.target, picture: picture),
        least_logit: work.sigmoidFields > 4 ? leastLogit : none
      )
    }
  }

  private func reference(_ work: ReferenceWork) -> Step {
    let op = program.operators[work.node]
    return .caller { [unowned self] in
      let operands = try work.operands.map { operand -> Tensor? in
        switch operand {
        case .none: nil
        case .constant(let number): program.tensors[number]
        case .source(let source): try tensor(source)
        }
      }
      // What a plan's file says of its operands is not known before they are there.
      _ = try op.outputTypes(
        for: operands.map { tensor in
          tensor.map { Operand(type: TensorType($0.scalarType, $0.shape), constant: $0) }
        }
      )
      let results = try op.evaluate(operands)
      for (number, result) in zip(work.results, results) { tensors[number] = result }
    }
  }
}
