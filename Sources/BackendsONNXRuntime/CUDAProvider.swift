import Backends
import CONNXRuntime
import Diagnostics
import Glibc

/// ONNX Runtime's provider that runs networks on an NVIDIA GPU: part of some builds of the library,
/// opened by it when it is first asked for.
enum CUDAProvider {
  /// The provider's name in the library.
  static let name = "CUDAExecutionProvider"

  /// Which device, and that float32 stays float32: by default convolutions are rounded to TF32.
  /// Source: ONNX Runtime, CUDA execution provider, configuration options.
  private static let settings = [("device_id", "0"), ("use_tf32", "0")]

  /// Lets a session's options use the GPU.
  /// - Throws: `backend.unavailable` where the build, CUDA's libraries or the driver are missing.
  static func append(to options: OpaquePointer, _ library: ONNXRuntimeLibrary) throws {
    let table = library.table
    try requireBuild(library)
    try requireDriver()
    var made: OpaquePointer?
    try check("make its CUDA options", vtOrtCreateCUDAOptions(table, &made), library)
    guard let cuda = made else { throw unavailable("it gave no CUDA options") }
    defer { vtOrtReleaseCUDAOptions(table, cuda) }
    let keys = settings.map { strdup($0.0) }
    let values = settings.map { strdup($0.1) }
    defer { (keys + values).forEach { free($0) } }
    let status = vtOrtUpdateCUDAOptions(
      table,
      cuda,
      keys.map { UnsafePointer($0) },
      values.map { UnsafePointer($0) },
      keys.count
    )
    try check("set its CUDA options", status, library)
    try check("use its CUDA provider", vtOrtAppendCUDA(table, options, cuda), library)
  }

  /// The providers that a build of the library has.
  static func available(_ library: ONNXRuntimeLibrary) throws -> [String] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    var count: Int32 = 0
    let status = vtOrtAvailableProviders(library.table, &names, &count)
    try library.call.check("list its providers", status)
    guard let names else { return [] }
    defer { library.call.ignore(vtOrtReleaseProviders(library.table, names, count)) }
    return (0..<Int(count)).compactMap { names[$0].map { String(cString: $0) } }
  }

  private static func requireBuild(_ library: ONNXRuntimeLibrary) throws {
    let names = try available(library)
    guard names.contains(name) else {
      throw unavailable(
        "'\(library.path)' is a build without it; it has \(names.joined(separator: ", "))"
      )
    }
  }

  private static func requireDriver() throws {
    guard dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL) == nil else { return }
    let words = dlerror().map { String(cString: $0) } ?? "libcuda.so.1 cannot be opened"
    throw DeployError(
      .backendUnavailable,
      "there is no NVIDIA driver: \(words)",
      remedy: "run it on a machine with an NVIDIA GPU and its driver, or with another backend"
    )
  }

  private static func check(
    _ action: String,
    _ status: OpaquePointer?,
    _ library: ONNXRuntimeLibrary
  ) throws {
    do { try library.call.check(action, status) } catch let error as DeployError {
      throw unavailable(error.diagnostics[0].message)
    }
  }

  private static func unavailable(_ message: String) -> DeployError {
    DeployError(
      .backendUnavailable,
      "ONNX Runtime's CUDA provider cannot be used: \(message)",
      remedy:
        "run Scripts/setup onnxruntime-gpu, and install the CUDA libraries and cuDNN that it names"
    )
  }
}
