import Backends
import COneDNN
public import Diagnostics
import Glibc

/// An opened oneDNN: its functions and its engine.
///
/// The library is never unloaded: its threads and thread-local data do not allow it.
// The table never changes after `init`, and the engine is documented to be used from any thread; no
// other stored property changes.
final class OneDNNLibrary: @unchecked Sendable {
  /// `3.2.0`.
  let version: String
  let table: UnsafePointer<VTDnnlTable>
  let engine: OpaquePointer

  /// The library of a cache folder, or else the loader's.
  /// - Throws: `backend.unavailable`, with what the loader or the library says.
  static func open(_ engines: EngineFolder?) throws -> OneDNNLibrary {
    let unpacked = engines?.libraries(of: "onednn-cpu-gomp", prefix: "libdnnl.so") ?? []
    var failure: (any Error)?
    for candidate in unpacked + ["libdnnl.so.3"] {
      do { return try OneDNNLibrary(path: candidate) } catch { failure = failure ?? error }
    }
    throw failure ?? unavailable("no library was found")
  }

  private init(path: String) throws {
    guard let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Self.unavailable(dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened")
    }
    let table = UnsafeMutablePointer<VTDnnlTable>.allocate(capacity: 1)
    var engine: OpaquePointer?
    do {
      if let missing = vtDnnlFill(handle, table) {
        throw Self.unavailable("'\(path)' has no \(String(cString: missing))")
      }
      guard let found = table.pointee.dnnl_version()?.pointee else {
        throw Self.unavailable("'\(path)' has no version")
      }
      version = "\(found.major).\(found.minor).\(found.patch)"
      // Numbers of enumerations are those of version 3; a release on other threads than OpenMP's
      // cannot be kept from starting its own.
      guard found.major == 3, found.processorRuntime == 2 else {
        throw Self.unavailable("'\(path)' is version \(version), not 3 with OpenMP")
      }
      let status = table.pointee.dnnl_engine_create(&engine, 1, 0)
      guard status == 0 else { throw Self.unavailable("'\(path)' gave no engine (\(status))") }
    } catch {
      table.deallocate()
      throw error
    }
    guard let engine else {
      table.deallocate()
      throw Self.unavailable("'\(path)' gave no engine")
    }
    self.table = UnsafePointer(table)
    self.engine = engine
  }

  deinit {
    _ = table.pointee.dnnl_engine_destroy(engine)
    table.deallocate()
  }

  private static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      "oneDNN cannot be used: \(message)",
      remedy: "run Scripts/setup onednn"
    )
  }
}

/// Whether oneDNN's convolutions are candidates.
enum OneDNNSource: Sendable {
  case library(OneDNNLibrary)
  /// It was looked for, and is not there.
  case absent(String)
  /// It was not asked for.
  case off

  var library: OneDNNLibrary? {
    if case .library(let library) = self { library } else { nil }
  }

  /// The library.
  /// - Throws: `plan.needs-onednn`, with why it is not there.
  func required() throws -> OneDNNLibrary {
    if let library { return library }
    guard case .absent(let reason) = self else { throw Self.missing }
    throw DeployError(
      .planNeedsOneDNN,
      "needs oneDNN: \(reason)",
      remedy: "run Scripts/setup onednn, or let --rebuild build the plan without it"
    )
  }

  /// The error of a plan that needs the library where there is none.
  static let missing = DeployError(
    .planNeedsOneDNN,
    "needs oneDNN, which is not here",
    remedy: "run Scripts/setup onednn, or let --rebuild build the plan without it"
  )

  /// The error of a layer that the library does not take.
  static func refused(_ reason: String) -> DeployError {
    DeployError(
      .backendFailed,
      "oneDNN does not compute this layer: \(reason)",
      remedy: "build the plan again with `--tactic-sources native`"
    )
  }

  /// The names of the sources of tactics, as users type them.
  static let names = ["native", "onednn"]

  /// Looks for the library where it is one of the sources; none stated: all of them.
  /// - Throws: `build.unsupported-option` for a source that there is not.
  init(_ engines: EngineFolder?, sources: [String]) throws {
    if let stranger = sources.first(where: { !Self.names.contains($0) }) {
      throw DeployError(
        .buildUnsupportedOption,
        "no source of tactics is called '\(stranger)'",
        at: .option("--tactic-sources"),
        remedy: "use \(Self.names.joined(separator: " or "))"
      )
    }
    self = sources.isEmpty || sources.contains("onednn") ? OneDNNSource(engines) : .off
  }

  /// Looks for the library.
  init(_ engines: EngineFolder?) {
    do { self = .library(try OneDNNLibrary.open(engines)) } catch {
      let message = (error as? DeployError)?.diagnostics.first?.message ?? "\(error)"
      self = .absent(message)
    }
  }
}

extension Diagnostic.ID {
  /// A plan whose layers are oneDNN's where there is none.
  public static let planNeedsOneDNN: Self = "plan.needs-onednn"
}
