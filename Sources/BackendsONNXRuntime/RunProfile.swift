import Backends
import CONNXRuntime
import Diagnostics
import Files
import FoundationEssentials
import Glibc

/// One profiled run: ONNX Runtime writes what it did to a file, in a private folder that goes with
/// this object.
final class RunProfile {
  /// One layer that ran.
  struct Layer {
    let name: String
    let operatorName: String
    let duration: Duration
  }

  let options: OpaquePointer
  private let library: ONNXRuntimeLibrary
  private let folder: TemporaryFolder

  /// Prepares the options of one run.
  /// - Throws: `backend.failed`, `file.unwritable`.
  init(_ library: ONNXRuntimeLibrary, folder parent: String) throws {
    folder = try TemporaryFolder(in: parent)
    self.library = library
    let table = library.table
    options = try library.call.create("run options") { vtOrtCreateRunOptions(table, &$0) }
    try library.call.check("profile", vtOrtProfileRun(table, options, folder.path + "/run"))
  }

  deinit {
    vtOrtReleaseRunOptions(library.table, options)
  }

  /// What the run wrote, in the order in which the layers began.
  /// - Throws: `backend.failed` where there is no readable profile.
  func layers() throws -> [Layer] {
    guard let name = folder.names.first(where: { $0.hasSuffix(".json") }) else {
      throw DeployError(.backendFailed, "onnxruntime wrote no profile")
    }
    let file = try MappedFile(path: folder.path + "/" + name)
    let events: [Event]
    do {
      events = try withExtendedLifetime(file) {
        try JSONDecoder().decode([Event].self, from: Data(file.bytes))
      }
    } catch {
      throw DeployError(.backendFailed, "onnxruntime wrote an unreadable profile", cause: error)
    }
    let ended = "_kernel_time"
    return events.filter { $0.cat == "Node" && $0.name.hasSuffix(ended) }
      .sorted { $0.ts < $1.ts }
      .map { event in
        Layer(
          name: String(event.name.dropLast(ended.count)),
          operatorName: event.args?.operatorName ?? "",
          duration: .microseconds(event.dur)
        )
      }
  }

  /// A line of the profile; times in microseconds.
  private struct Event: Decodable {
    struct Arguments: Decodable {
      let operatorName: String?
      enum CodingKeys: String, CodingKey { case operatorName = "op_name" }
    }
    let cat: String
    let name: String
    let ts: Int64
    let dur: Int64
    let args: Arguments?
  }
}
