import Backends
import CTensorRT
import Diagnostics
import Glibc
import Synchronization

/// An opened library with its parser. Never closed: it keeps threads and our logger.
// Everything is written in `init`; makers are functions of the library.
final class TensorRTLibrary: @unchecked Sendable {
  let flavor: TensorRTFlavor
  let path: String
  let version: TensorRTVersion
  let table: UnsafePointer<VTTrtTable>
  let log: TensorRTLog
  /// Builds and loads take turns: the library has one logger, whose messages must be told apart.
  let turn = Mutex(())
  private let number: Int32
  private let parserNumber: Int32
  private let builderMaker: UnsafeMutableRawPointer
  private let runtimeMaker: UnsafeMutableRawPointer
  private let parserMaker: UnsafeMutableRawPointer

  private static let opened = Mutex<[String: TensorRTLibrary]>([:])

  /// The library at a path, opened once in a process.
  /// - Throws: `backend.unavailable`, with what the loader says, or for an unknown release.
  static func open(_ flavor: TensorRTFlavor, path: String) throws -> TensorRTLibrary {
    try opened.withLock { opened in
      let key = "\(flavor.rawValue) \(path)"
      if let library = opened[key] { return library }
      let library = try TensorRTLibrary(flavor, path: path)
      opened[key] = library
      return library
    }
  }

  private init(_ flavor: TensorRTFlavor, path: String) throws {
    let library = try Self.load(path, flavor)
    func function(
      _ name: String,
      of handle: UnsafeMutableRawPointer,
      _ file: String
    ) throws -> UnsafeMutableRawPointer {
      if let found = dlsym(handle, name) { return found }
      throw Self.unavailable("'\(file)' is not \(flavor.title): it has no \(name)", flavor)
    }
    number = vtTrtNumber(try function("getInferLibVersion", of: library, path))
    version = TensorRTVersion(number: Int(number))
    guard let family = version.family(of: flavor), let table = vtTrtTable(family) else {
      throw Self.unavailable(
        "'\(path)' is release \(version.text), whose interface is not known here",
        flavor,
        remedy: flavor == .rtx
          ? "install TensorRT for RTX 1.4 to 1.7" : "install TensorRT 8.6, 10 or 11"
      )
    }
    builderMaker = try function("createInferBuilder_INTERNAL", of: library, path)
    runtimeMaker = try function("createInferRuntime_INTERNAL", of: library, path)
    let parserPath = flavor.parserPath(for: path)
    let parser = try Self.load(parserPath, flavor)
    parserMaker = try function("createNvOnnxParser_INTERNAL", of: parser, parserPath)
    parserNumber = vtTrtNumber(try function("getNvOnnxParserVersion", of: parser, parserPath))
    self.flavor = flavor
    self.path = path
    self.table = table
    log = TensorRTLog(table)
  }

  private static func load(
    _ path: String,
    _ flavor: TensorRTFlavor
  ) throws -> UnsafeMutableRawPointer {
    if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) { return handle }
    throw unavailable(dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened", flavor)
  }

  static func unavailable(
    _ message: String,
    _ flavor: TensorRTFlavor,
    remedy: String? = nil
  ) -> DeployError {
    DeployError(.backendUnavailable, message, remedy: remedy ?? flavor.remedy)
  }

  /// A failure in the library's own words: of the object that failed, where it has a recorder.
  func failure(
    _ action: String,
    id: Diagnostic.ID = .backendFailed,
    of recorder: TensorRTRecorder? = nil
  ) -> DeployError {
    let words = recorder?.words ?? log.errors ?? "it gives no reason"
    return DeployError(
      id,
      "\(flavor.rawValue) failed to \(action): \(words)",
      remedy: TensorRTRemedy.advice(for: words)
    )
  }

  func makeBuilder() throws -> TensorRTObject {
    let made = vtTrtMake(builderMaker, log.logger, number)
    // Without a GPU some releases answer null and some an object that does not work: the log tells.
    guard let made, log.errors == nil else {
      throw failure("start its builder", id: .backendUnavailable)
    }
    return TensorRTObject(made)
  }

  func makeRuntime() throws -> TensorRTObject {
    let made = vtTrtMake(runtimeMaker, log.logger, number)
    guard let made, log.errors == nil else {
      throw failure("start its runtime", id: .backendUnavailable)
    }
    return TensorRTObject(made)
  }

  func makeParser(for network: TensorRTObject) throws -> TensorRTParser {
    let made = vtTrtMakeParser(parserMaker, network.pointer, log.logger, parserNumber)
    guard let made else { throw failure("start its parser") }
    return TensorRTParser(made, table, of: network)
  }

  /// An object that a call of `owner` made, which keeps it alive.
  func object(
    _ what: String,
    of owner: TensorRTObject,
    _ made: OpaquePointer?
  ) throws -> TensorRTObject {
    guard let made else { throw failure("make its \(what)") }
    return TensorRTObject(made, of: owner)
  }
}

/// An object of the library, deleted with this one, and before the one that made it.
// Only its address is kept; whoever calls it has the library's turn or owns it alone.
final class TensorRTObject: @unchecked Sendable {
  let pointer: OpaquePointer
  private let owner: TensorRTObject?

  init(_ pointer: OpaquePointer, of owner: TensorRTObject? = nil) {
    self.pointer = pointer
    self.owner = owner
  }

  // Its own deletion comes first: stored properties go after the body of a deinitialiser.
  deinit { vtTrtDelete(pointer) }
}

/// A parser, which is deleted in another way.
final class TensorRTParser {
  let pointer: OpaquePointer
  private let table: UnsafePointer<VTTrtTable>
  private let network: TensorRTObject

  init(
    _ pointer: OpaquePointer,
    _ table: UnsafePointer<VTTrtTable>,
    of network: TensorRTObject
  ) {
    self.pointer = pointer
    self.table = table
    self.network = network
  }

  deinit { vtTrtDeleteParser(table, pointer) }
}
