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
  private let folder: String

  /// Prepares the options of one run.
  /// - Throws: `backend.failed`.
  init(_ library: ONNXRuntimeLibrary, folder parent: String) throws {
    var template = Array((parent + "/vitrine-profile-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else {
      throw DeployError(
        .backendFailed,
        "no folder for the profile could be made: \(String(cString: strerror(errno)))",
        at: .file(path: parent)
      )
    }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    self.library = library
    let table = library.table
    do {
      options = try library.call.create("run options") { vtOrtCreateRunOptions(table, &$0) }
    } catch {
      rmdir(folder)
      throw error
    }
    try library.call.check("profile", vtOrtProfileRun(table, options, folder + "/run"))
  }

  deinit {
    vtOrtReleaseRunOptions(library.table, options)
    for name in files() { unlink(folder + "/" + name) }
    rmdir(folder)
  }

  /// What the run wrote, in the order in which the layers began.
  /// - Throws: `backend.failed` where there is no readable profile.
  func layers() throws -> [Layer] {
    guard let name = files().first else {
      throw DeployError(.backendFailed, "onnxruntime wrote no profile")
    }
    let file = try MappedFile(path: folder + "/" + name)
    let events: [Event]
    do { events = try JSONDecoder().decode([Event].self, from: Data(file.bytes)) } catch {
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

  private func files() -> [String] {
    guard let stream = opendir(folder) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".json") { names.append(name) }
    }
    return names
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
