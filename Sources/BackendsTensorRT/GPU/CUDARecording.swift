import Backends
import CTensorRT
import Diagnostics

/// Work of a stream, recorded once and launched as a whole (a CUDA graph).
final class CUDARecording {
  private let stream: CUDAStream
  private let graph: OpaquePointer
  private let runnable: OpaquePointer

  /// Records what `work` puts into the stream; nothing of it runs yet.
  init(_ stream: CUDAStream, _ work: () throws -> Void) throws {
    let (driver, table) = (stream.driver, stream.driver.table)
    // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may go on using the GPU.
    try driver.check("record a run", table.beginCapture(stream.pointer, 1))
    var graph: OpaquePointer?
    do { try work() } catch {
      // The stream must be given back even where the recording fails.
      _ = table.endCapture(stream.pointer, &graph)
      if let graph { _ = table.destroyGraph(graph) }
      throw error
    }
    try driver.check("end the recording", table.endCapture(stream.pointer, &graph))
    guard let graph else { throw DeployError(.backendFailed, "CUDA recorded nothing") }
    var runnable: OpaquePointer?
    let code = table.instantiate(&runnable, graph, 0)
    guard code == 0, let runnable else {
      _ = table.destroyGraph(graph)
      try driver.check("prepare the recorded run", code)
      throw DeployError(.backendFailed, "CUDA prepared nothing")
    }
    self.stream = stream
    self.graph = graph
    self.runnable = runnable
  }

  deinit {
    try? stream.driver.enter()
    _ = stream.driver.table.destroyRunnable(runnable)
    _ = stream.driver.table.destroyGraph(graph)
  }

  /// Puts the whole run into the stream.
  func launch() throws {
    let code = stream.driver.table.launch(runnable, stream.pointer)
    try stream.driver.check("launch the recorded run", code)
  }
}
