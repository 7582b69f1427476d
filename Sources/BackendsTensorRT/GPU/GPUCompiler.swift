import Backends
import CGPUKernels
import CTensorRT
import Diagnostics
import Glibc

/// NVRTC, which compiles the kernels around a network for the GPU that is there. It needs neither a
/// GPU nor a driver itself.
// Everything is written in `init`; NVRTC may be called from any thread.
struct GPUCompiler: @unchecked Sendable {
  let path: String
  /// Such as 12.9.
  let version: (major: Int, minor: Int)
  /// The compute capabilities that it compiles for, such as 86.
  let targets: [Int]
  private let table: VTNVRTCTable

  /// The packages that `Scripts/setup nvrtc` may have unpacked, and the loader's names.
  private static let packages = ["nvidia-cuda-nvrtc-cu12", "nvidia-cuda-nvrtc"]
  private static let names = [
    "libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so",
  ]

  /// Where a compiler may be, the first to be tried first: an explicit path is the only place.
  static func candidates(_ path: String?, _ engines: EngineFolder?) -> [String] {
    if let path { return [path] }
    let unpacked = packages.flatMap { engines?.libraries(of: $0, prefix: "libnvrtc.so") ?? [] }
    return unpacked + names
  }

  /// Opens a compiler.
  /// - Throws: `backend.unavailable`.
  init(path: String) throws {
    guard let library = dlopen(path, RTLD_NOW | RTLD_LOCAL) else {
      throw Self.unavailable(dlerror().map { String(cString: $0) } ?? "'\(path)' cannot be opened")
    }
    var table = VTNVRTCTable()
    if let missing = vtNVRTCFill(library, &table) {
      throw Self.unavailable(
        "'\(path)' is no NVRTC of CUDA 11.3 or newer: it has no "
          + String(cString: missing)
      )
    }
    var (major, minor, count): (Int32, Int32, Int32) = (0, 0, 0)
    guard table.version(&major, &minor) == 0, table.targetCount(&count) == 0,
      (1...1000).contains(count)
    else { throw Self.unavailable("'\(path)' does not tell its version and targets") }
    var targets = [Int32](repeating: 0, count: Int(count))
    guard table.targets(&targets) == 0 else {
      throw Self.unavailable("'\(path)' does not tell its targets")
    }
    self.path = path
    self.table = table
    version = (Int(major), Int(minor))
    self.targets = targets.map { Int($0) }.sorted()
  }

  static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      "the GPU's kernels cannot be compiled: \(message)",
      remedy: "run Scripts/setup nvrtc, or install NVRTC (libnvrtc) of CUDA 11.3 to 13"
    )
  }

  /// What a compilation gave.
  struct Image {
    /// Machine code of the target, or PTX that the driver translates.
    let bytes: [UInt8]
    /// `sm_86` or `compute_90`.
    let target: String
    /// What the compiler said: warnings, where there are some.
    let log: String
  }

  /// Compiles for one GPU: machine code where the compiler knows it, else for the newest that it
  /// knows and that the GPU is not older than, to be translated by the driver.
  /// - Throws: `backend.unavailable` with the compiler's own words.
  func compile(for capability: Int) throws -> Image {
    guard let nearest = targets.last(where: { $0 <= capability }) else {
      throw Self.unavailable(
        "NVRTC \(version.major).\(version.minor) compiles for \(targets.first ?? 0) and newer, "
          + "this GPU is \(capability)"
      )
    }
    let isExact = nearest == capability
    let target = (isExact ? "sm_" : "compute_") + "\(nearest)"
    var program: OpaquePointer?
    let made = "GPUKernels.h".withCString { name in
      var header: UnsafePointer<CChar>? = vtGPUKernelHeader()
      var included: UnsafePointer<CChar>? = name
      return table.create(&program, vtGPUKernelSource(), "kernels.cu", 1, &header, &included)
    }
    try check("take the source", made)
    defer { _ = table.destroy(&program) }
    // Products and sums are rounded one by one, as the processor rounds them.
    let options = ["--gpu-architecture=\(target)", "--fmad=false", "--std=c++14"]
    let words = options.map { strdup($0) }
    defer { words.forEach { free($0) } }
    let code = words.map { UnsafePointer($0) }.withUnsafeBufferPointer {
      table.compile(program, Int32($0.count), $0.baseAddress)
    }
    let log = text(program)
    guard code == 0 else { throw Self.unavailable("\(reason(code)): \(log.prefix(1000))") }
    return Image(bytes: try image(program, isExact), target: target, log: log)
  }

  private func image(_ program: OpaquePointer?, _ isExact: Bool) throws -> [UInt8] {
    var count = 0
    let sized = isExact ? table.binarySize(program, &count) : table.portableSize(program, &count)
    try check("tell the size of its result", sized)
    guard (1...(64 << 20)).contains(count) else { throw Self.unavailable("it gave \(count) bytes") }
    var bytes = [CChar](repeating: 0, count: count)
    let got = isExact ? table.binary(program, &bytes) : table.portable(program, &bytes)
    try check("give its result", got)
    return bytes.map { UInt8(bitPattern: $0) }
  }

  private func text(_ program: OpaquePointer?) -> String {
    var count = 0
    guard table.logSize(program, &count) == 0, (2...(16 << 20)).contains(count) else { return "" }
    var bytes = [CChar](repeating: 0, count: count)
    guard table.log(program, &bytes) == 0 else { return "" }
    let lines = bytes.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    return String(decoding: lines, as: UTF8.self)
  }

  private func reason(_ code: Int32) -> String {
    table.errorText(code).map { String(cString: $0) } ?? "error \(code)"
  }

  private func check(_ action: String, _ code: Int32) throws {
    guard code == 0 else { throw Self.unavailable("NVRTC failed to \(action): \(reason(code))") }
  }
}
