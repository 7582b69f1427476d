import Backends
import COneDNN
import Diagnostics
import Synchronization

/// A convolution by oneDNN with everything that it needs: primitives, weights in its own layout, and
/// memory objects for each thread.
final class OneDNNConvolution {
  let form: OneDNNForm
  /// `brgconv:avx512_core`.
  let implementation: String
  /// What the library needs beside what is gathered and scattered, in each thread.
  let scratchByteCount: Int
  private let library: OneDNNLibrary
  private var descriptions: [OpaquePointer] = []
  private var primitives: [OpaquePointer] = []
  private var memories: [OpaquePointer] = []
  private var streams: [OpaquePointer] = []
  private var weights: OpaquePointer?
  private var bias: OpaquePointer?
  /// By worker, then by primitive.
  private var workers: [VTDnnlWorker] = []
  /// The first status of a call that failed.
  private let failure = Atomic<Int32>(0)

  /// Asks the library for the convolution.
  /// - Throws: ``OneDNNForm/Refusal`` where it has none, or only its reference.
  init(_ form: OneDNNForm, _ library: OneDNNLibrary) throws {
    self.form = form
    self.library = library
    var layout: OpaquePointer?
    var (name, scratch) = ("", 0)
    do {
      for rows in form.lastRows == form.rows ? [form.rows] : [form.rows, form.lastRows] {
        var convolution = form.convolution(rows: rows)
        var description: OpaquePointer?
        // The second reads the weights of the first.
        let status = vtDnnlDescribe(
          library.table,
          library.engine,
          &convolution,
          layout,
          &description
        )
        guard status == 0, let description else {
          throw OneDNNForm.Refusal(reason: "it has no such convolution (status \(status))")
        }
        descriptions.append(description)
        if layout == nil {
          layout = vtDnnlWeightsLayout(library.table, description)
          name = String(cString: vtDnnlImplementation(library.table, description))
        }
        let size = library.table.pointee.dnnl_memory_desc_get_size(
          vtDnnlScratchLayout(library.table, description)
        )
        scratch = max(scratch, size)
      }
      guard !name.hasPrefix("ref") else {
        throw OneDNNForm.Refusal(reason: "it has only its reference implementation for it")
      }
    } catch {
      for description in descriptions {
        _ = library.table.pointee.dnnl_primitive_desc_destroy(description)
      }
      descriptions = []
      (implementation, scratchByteCount) = ("", 0)
      throw error
    }
    (implementation, scratchByteCount) = (name, scratch)
  }

  deinit {
    let table = library.table.pointee
    for stream in streams { _ = table.dnnl_stream_destroy(stream) }
    for memory in memories { _ = table.dnnl_memory_destroy(memory) }
    for primitive in primitives { _ = table.dnnl_primitive_destroy(primitive) }
    for description in descriptions { _ = table.dnnl_primitive_desc_destroy(description) }
  }

  /// The scratch memory of each thread: what is gathered, what is scattered, the library's.
  var threadScratch: (gathered: Int, scattered: Int, total: Int) {
    let gathered = (form.gatheredByteCount + 63) & ~63
    let scattered = gathered + (form.scatteredByteCount + 63) & ~63
    return (gathered, scattered, scattered + scratchByteCount + 64)
  }

  /// Makes what runs: code, weights in the library's layout (once for each pool), memory objects.
  /// - Throws: `backend.failed`.
  func bind(_ pool: ConstantPool, workerCount: Int) throws {
    let table = library.table.pointee
    for description in descriptions {
      var primitive: OpaquePointer?
      try check(table.dnnl_primitive_create(&primitive, description))
      if let primitive { primitives.append(primitive) }
    }
    let layout = vtDnnlWeightsLayout(library.table, descriptions[0])
    let size = table.dnnl_memory_desc_get_size(layout)
    let work = form.work
    var extents = form.convolution(rows: 1).weights
    let key = "onednn \(work.weights) \(extents) \(form.sourceType) \(implementation) \(size)"
    let number = try pool.derived(key, byteCount: size) { target in
      let plain = pool.bytes(work.weights).baseAddress
      let status = withUnsafePointer(to: &extents) {
        $0.withMemoryRebound(to: Int64.self, capacity: 4) {
          vtDnnlRearrange(
            library.table,
            library.engine,
            $0,
            form.sourceType,
            plain,
            layout,
            target.baseAddress
          )
        }
      }
      try check(status)
    }
    weights = try memory(layout, UnsafeMutableRawPointer(mutating: pool.bytes(number).baseAddress))
    var channels: OpaquePointer?
    var count = Int64(work.outputChannels)
    try check(
      table.dnnl_memory_desc_create_with_tag(&channels, 1, &count, Int32(VTDnnlFloat32), 2)
    )
    defer { if let channels { _ = table.dnnl_memory_desc_destroy(channels) } }
    bias = try memory(
      channels,
      UnsafeMutableRawPointer(mutating: pool.bytes(work.bias).baseAddress)
    )
    for _ in 0..<workerCount { try addWorker() }
  }

  private func addWorker() throws {
    let table = library.table.pointee
    var stream: OpaquePointer?
    try check(table.dnnl_stream_create(&stream, library.engine, 1))
    if let stream { streams.append(stream) }
    for description in descriptions {
      let query = { (what: Int32) in table.dnnl_primitive_desc_query_md(description, what, 0) }
      let scratch = vtDnnlScratchLayout(library.table, description)
      workers.append(
        VTDnnlWorker(
          stream: stream,
          source: try memory(query(129), nil),
          target: try memory(query(133), nil),
          scratch: table.dnnl_memory_desc_get_size(scratch) > 0 ? try memory(scratch, nil) : nil
        )
      )
    }
  }

  private func memory(
    _ layout: OpaquePointer?,
    _ address: UnsafeMutableRawPointer?
  ) throws -> OpaquePointer? {
    var memory: OpaquePointer?
    try check(
      library.table.pointee.dnnl_memory_create(&memory, layout, library.engine, address)
    )
    if let memory { memories.append(memory) }
    return memory
  }

  private func check(_ status: Int32) throws {
    guard status != 0 else { return }
    throw DeployError(
      .backendFailed,
      "oneDNN refused a convolution that it had offered (status \(status))",
      remedy: "build the plan again with `--tactic-sources native`"
    )
  }

  /// Computes so many rows. Different workers may do so at the same time. The library allocates a
  /// little in each call.
  func run(
    rows: Int,
    worker: Int,
    from source: UnsafeRawPointer,
    to target: UnsafeMutableRawPointer,
    scratch: UnsafeMutableRawPointer
  ) {
    let place = rows == form.rows ? 0 : 1
    let status = workers.withUnsafeBufferPointer { workers in
      vtDnnlRun(
        library.table,
        primitives[place],
        workers.baseAddress.map { $0 + (worker * primitives.count + place) },
        weights,
        bias,
        source,
        target,
        scratch
      )
    }
    if status != 0 { failure.store(status, ordering: .relaxed) }
  }

  /// Throws where a call failed.
  func checkRuns() throws { try check(failure.load(ordering: .relaxed)) }
}
