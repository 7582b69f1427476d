import Backends

/// Where the driver and the kernels' compiler are.
struct GPULibraries: Sendable {
  /// The driver's library.
  var driverPath: String
  /// The compiler's library; nil searches what `Scripts/setup nvrtc` unpacked, then the loader's path.
  var compilerPath: String?
  var engines: EngineFolder?

  init(
    driverPath: String? = nil,
    compilerPath: String? = nil,
    engines: EngineFolder? = nil
  ) {
    self.driverPath = driverPath ?? CUDADriver.libraryName
    self.compilerPath = compilerPath
    self.engines = engines
  }

  /// The driver with its GPU.
  /// - Throws: `backend.unavailable`.
  func driver() throws -> CUDADriver { try CUDADriver.shared(driverPath) }

  /// The kernels around a network for that GPU.
  /// - Throws: `backend.unavailable`.
  func kernels(_ driver: CUDADriver) throws -> GPUKernels {
    try GPUKernels.shared(driver, compiler: compilerPath, engines)
  }
}
