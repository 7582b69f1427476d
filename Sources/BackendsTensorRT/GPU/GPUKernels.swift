import Backends
import CGPUKernels
import CTensorRT
import Diagnostics
import Synchronization

/// The kernels around a network, compiled for the GPU and loaded into it; kept as long as the driver.
// Written in `init`; functions of a module may be launched from any thread.
final class GPUKernels: @unchecked Sendable {
  /// By the names that they have in `kernels.cu.h`.
  enum Kernel: String, CaseIterable {
    case letterbox = "vitrine_letterbox"
    case count = "vitrine_count"
    case sum = "vitrine_sum"
    case place = "vitrine_place"
    case gather = "vitrine_gather"
    case rank = "vitrine_rank"
    case overlap = "vitrine_overlap"
    case keep = "vitrine_keep"
  }

  private let driver: CUDADriver
  private let module: OpaquePointer
  private let functions: [Kernel: OpaquePointer]

  /// The kernels for a driver's GPU, compiled by the first compiler that can; a failure is
  /// remembered like a success, so that the next session need not try again.
  /// - Throws: `backend.unavailable`.
  static func shared(
    _ driver: CUDADriver,
    compiler path: String?,
    _ engines: EngineFolder?
  ) throws -> GPUKernels {
    let candidates = GPUCompiler.candidates(path, engines)
    return try driver.kernels.withLock { known in
      let key = candidates.joined(separator: ":")
      if let kernels = known[key] { return try kernels.get() }
      var failure: DeployError?
      for candidate in candidates {
        do {
          let image = try GPUCompiler(path: candidate).compile(for: driver.capability)
          let kernels = try GPUKernels(driver, image)
          known[key] = .success(kernels)
          return kernels
        } catch {
          // A library that is there and fails says more than one that is not.
          let isBetter = failure == nil || failure?.isAboutMissingFile == true
          if isBetter { failure = error as? DeployError ?? failure }
        }
      }
      let reason = failure ?? GPUCompiler.unavailable("there is no NVRTC")
      known[key] = .failure(reason)
      throw reason
    }
  }

  private init(_ driver: CUDADriver, _ image: GPUCompiler.Image) throws {
    try driver.enter()
    var module: OpaquePointer?
    // PTX is a text that ends in a zero byte already.
    let code = image.bytes.withUnsafeBytes { driver.table.loadModule(&module, $0.baseAddress) }
    try driver.check("load the kernels for \(image.target)", code)
    guard let module else { throw DeployError(.backendFailed, "CUDA gave no module") }
    var functions: [Kernel: OpaquePointer] = [:]
    for kernel in Kernel.allCases {
      var function: OpaquePointer?
      let code = driver.table.function(&function, module, kernel.rawValue)
      if code != 0 { _ = driver.table.unloadModule(module) }
      try driver.check("find the kernel '\(kernel.rawValue)'", code)
      functions[kernel] = function
    }
    self.driver = driver
    self.module = module
    self.functions = functions
  }

  deinit {
    try? driver.enter()
    _ = driver.table.unloadModule(module)
  }

  /// Threads along x, y and z, in blocks of `block`.
  struct Grid {
    let x: Int
    let y: Int
    let z: Int
    let block: (x: Int, y: Int)

    init(_ x: Int, _ y: Int = 1, _ z: Int = 1, block: (x: Int, y: Int)) {
      (self.x, self.y, self.z, self.block) = (x, y, z, block)
    }
  }

  /// Puts one kernel into a stream; its arguments are copied.
  func launch<Arguments>(
    _ kernel: Kernel,
    _ arguments: Arguments,
    _ grid: Grid,
    on stream: CUDAStream
  ) throws {
    guard grid.x > 0, grid.y > 0, grid.z > 0 else { return }
    let blocks = { (count: Int, size: Int) in UInt32((count + size - 1) / size) }
    var arguments = arguments
    let code = withUnsafeMutableBytes(of: &arguments) { bytes in
      var parameter = bytes.baseAddress
      return driver.table.launchKernel(
        functions[kernel],
        blocks(grid.x, grid.block.x),
        blocks(grid.y, grid.block.y),
        UInt32(grid.z),
        UInt32(grid.block.x),
        UInt32(grid.block.y),
        1,
        0,
        stream.pointer,
        &parameter,
        nil
      )
    }
    try driver.check("run the kernel '\(kernel.rawValue)'", code)
  }
}

extension DeployError {
  /// Whether the loader found no such file.
  fileprivate var isAboutMissingFile: Bool {
    diagnostics[0].message.contains("No such file")
  }
}
