/// NVIDIA's management library, opened at run time, and the first device it knows.
/// Source: NVIDIA Management Library API reference (`nvml.h`).
struct NVML {
  /// The device's name.
  let deviceName: String
  /// The driver's version.
  let driver: String
  private let device: OpaquePointer
  private let library: SharedLibrary

  /// Why it cannot be used.
  struct Absence: Error { let reason: String }

  /// What the device does now; nil where it does not say.
  struct Sample: Sendable {
    /// Share of the last moments with a kernel running, in per cent.
    var utilization: Double?
    /// Memory in use, in bytes.
    var memoryBytes: Int64?
    /// The clock of the multiprocessors, in MHz.
    var megahertz: Double?
    /// The power drawn, in watts.
    var watts: Double?
    /// In degrees Celsius.
    var temperature: Double?
  }

  private typealias Action = @convention(c) () -> Int32
  private typealias Text = @convention(c) (UnsafeMutablePointer<CChar>, UInt32) -> Int32
  private typealias DeviceText =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<CChar>, UInt32) -> Int32
  private typealias Handle =
    @convention(c) (UInt32, UnsafeMutablePointer<OpaquePointer?>) -> Int32
  private typealias Number =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<UInt32>) -> Int32
  private typealias KindNumber =
    @convention(c) (OpaquePointer, UInt32, UnsafeMutablePointer<UInt32>) -> Int32
  private typealias Memory =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<UInt64>) -> Int32

  /// Opens the library and its first device.
  static func open(_ candidates: [String]) -> Result<NVML, Absence> {
    guard case .success(let library) = SharedLibrary.open(candidates) else {
      return .failure(Absence(reason: "no NVIDIA driver: \(candidates[0]) cannot be opened"))
    }
    guard let start = library.function("nvmlInit_v2", as: Action.self) else {
      return .failure(Absence(reason: "\(library.path) is no NVML: nvmlInit_v2 is missing"))
    }
    let status = start()
    guard status == 0 else {
      // NVML_ERROR_DRIVER_NOT_LOADED, where a library is without a device's driver.
      let reason = status == 9 ? "NVIDIA's driver is not loaded" : "status \(status)"
      return .failure(Absence(reason: "NVML does not start: \(reason)"))
    }
    var device: OpaquePointer?
    let find = library.function("nvmlDeviceGetHandleByIndex_v2", as: Handle.self)
    guard find?(0, &device) == 0, let device else {
      _ = library.function("nvmlShutdown", as: Action.self)?()
      return .failure(Absence(reason: "NVML knows no device"))
    }
    let name = text { bytes, count in
      library.function("nvmlDeviceGetName", as: DeviceText.self)?(device, bytes, count)
    }
    let driver = text { bytes, count in
      library.function("nvmlSystemGetDriverVersion", as: Text.self)?(bytes, count)
    }
    return .success(NVML(deviceName: name, driver: driver, device: device, library: library))
  }

  /// Ends the use of the library.
  func close() { _ = library.function("nvmlShutdown", as: Action.self)?() }

  /// What the device does now.
  func sample() -> Sample {
    var sample = Sample()
    // nvmlUtilization_t: gpu, memory, both unsigned int.
    var shares: [UInt32] = [0, 0]
    if library.function("nvmlDeviceGetUtilizationRates", as: Number.self)?(device, &shares) == 0 {
      sample.utilization = Double(shares[0])
    }
    // nvmlMemory_t: total, free, used, each unsigned long long.
    var bytes: [UInt64] = [0, 0, 0]
    if library.function("nvmlDeviceGetMemoryInfo", as: Memory.self)?(device, &bytes) == 0 {
      sample.memoryBytes = Int64(clamping: bytes[2])
    }
    // NVML_CLOCK_SM is 1, NVML_TEMPERATURE_GPU is 0.
    sample.megahertz = number("nvmlDeviceGetClockInfo", 1)
    sample.temperature = number("nvmlDeviceGetTemperature", 0)
    var milliwatts: UInt32 = 0
    if library.function("nvmlDeviceGetPowerUsage", as: Number.self)?(device, &milliwatts) == 0 {
      sample.watts = Double(milliwatts) / 1000
    }
    return sample
  }

  private func number(_ name: String, _ kind: UInt32) -> Double? {
    var value: UInt32 = 0
    let ask = library.function(name, as: KindNumber.self)
    return ask?(device, kind, &value) == 0 ? Double(value) : nil
  }

  private static func text(_ ask: (UnsafeMutablePointer<CChar>, UInt32) -> Int32?) -> String {
    var bytes = [CChar](repeating: 0, count: 96)
    guard ask(&bytes, 95) == 0 else { return "unknown" }
    return String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
