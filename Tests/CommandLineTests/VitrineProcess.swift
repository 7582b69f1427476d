import Foundation
import TestSupport

/// The built executable, run as a user would.
struct VitrineProcess: Sendable {
  var output = ""
  var errors = ""
  var status: Int32 = 0

  /// Beside the test bundle, wherever the build folder is.
  static let executable: String = {
    let bundle = CommandLine.arguments[0]
    let folder = (bundle as NSString).deletingLastPathComponent
    let beside = folder + "/vitrine"
    if FileManager.default.isExecutableFile(atPath: beside) { return beside }
    return SharedData.checkout + "/.build/debug/vitrine"
  }()

  /// Beside the executable, so that it goes with the build.
  private static let historyFolder =
    (executable as NSString).deletingLastPathComponent + "/test-history"

  /// Runs `vitrine` with arguments, in `folder`.
  static func run(
    _ arguments: [String],
    in folder: String? = nil,
    environment: [String: String] = [:]
  ) throws -> VitrineProcess {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    var variables = ProcessInfo.processInfo.environment
    if variables["VITRINE_CACHE"] == nil {
      variables["VITRINE_CACHE"] = SharedData.checkout + "/.cache"
    }
    // Runs are kept: never in the folder of whoever runs the tests.
    variables["VITRINE_DATA"] = historyFolder
    variables.merge(environment) { $1 }
    process.environment = variables
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    process.standardInput = FileHandle.nullDevice
    try process.run()
    // Read one stream on another thread, so that neither pipe fills up.
    let reader = BackgroundReader(errors.fileHandleForReading)
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return VitrineProcess(
      output: String(decoding: text, as: UTF8.self),
      errors: reader.text,
      status: process.terminationStatus
    )
  }
}

/// Reads a stream to its end on a thread of its own.
private final class BackgroundReader: @unchecked Sendable {
  // `data` is written by the thread before it signals, and read after the wait: never together.
  private var data = Data()
  private let done = DispatchSemaphore(value: 0)

  init(_ handle: FileHandle) {
    Thread.detachNewThread { [self] in
      data = handle.readDataToEndOfFile()
      done.signal()
    }
  }

  var text: String {
    done.wait()
    return String(decoding: data, as: UTF8.self)
  }
}

/// An empty folder that goes with the test.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "vitrine-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Every file below, hidden ones included, relative to the folder.
  var files: [String] {
    (FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []).sorted()
  }

  func file(_ name: String) -> String { path + "/" + name }
}
