import Backends
import Glibc

extension Doctor {
  /// The graphics processor and what NVIDIA offers for it. None is fine.
  static func deviceRows(_ options: Options) -> [EnvironmentReport.Row] {
    [
      gpuRow(options), driverRow(options), cudaRow(options), nvrtcRow(options),
      tensorRTRow(options), tensorRTForRTXRow(options),
    ]
  }

  private static func gpuRow(_ options: Options) -> EnvironmentReport.Row {
    typealias Start = @convention(c) (UInt32) -> Int32
    typealias Ask = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    var row = row(
      "gpu",
      purpose: "runs networks through TensorRT",
      remedy: "use a machine with an NVIDIA GPU and its driver, or another target",
      candidates: SharedLibrary.candidates("gpu", options, names: ["libcuda.so.1"])
    ) { library in
      guard let start = library.function("cuInit", as: Start.self),
        let count = library.function("cuDeviceGetCount", as: Ask.self)
      else { return nil }
      let code = start(0)
      guard code == 0 else { return "error \(code)" }
      var devices: Int32 = 0
      guard count(&devices) == 0, devices > 0 else { return "error 100" }
      return (0..<devices).map { describe($0, library) }.joined(separator: "; ")
    }
    if let code = row.found, code.hasPrefix("error ") {
      row.found = nil
      row.status = code == "error 100" ? .missing : .unsupported
      row.detail = "the driver answers with \(code)"
      row.remedy = "check with nvidia-smi that the driver works and a GPU is visible"
    }
    return row
  }

  /// The name of a device and its compute capability, such as `NVIDIA L4 (8.9)`.
  private static func describe(_ device: Int32, _ library: SharedLibrary) -> String {
    typealias Name = @convention(c) (UnsafeMutablePointer<CChar>, Int32, Int32) -> Int32
    typealias Attribute = @convention(c) (UnsafeMutablePointer<Int32>, Int32, Int32) -> Int32
    var text = [CChar](repeating: 0, count: 256)
    var capability: [Int32] = [0, 0]
    _ = library.function("cuDeviceGetName", as: Name.self)?(&text, 255, device)
    // Source: CUDA driver API, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
    for (index, attribute) in [Int32(75), 76].enumerated() {
      let ask = library.function("cuDeviceGetAttribute", as: Attribute.self)
      _ = ask?(&capability[index], attribute, device)
    }
    let name = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    return "\(name) (\(capability[0]).\(capability[1]))"
  }

  private static func driverRow(_ options: Options) -> EnvironmentReport.Row {
    typealias Ask = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    typealias Start = @convention(c) () -> Int32
    typealias Text = @convention(c) (UnsafeMutablePointer<CChar>, UInt32) -> Int32
    return row(
      "driver",
      purpose: "decides which CUDA, and so which TensorRT, can run",
      remedy: "install NVIDIA's driver where there is a GPU",
      candidates: SharedLibrary.candidates("gpu", options, names: ["libcuda.so.1"])
    ) { library in
      var number: Int32 = 0
      guard let ask = library.function("cuDriverGetVersion", as: Ask.self), ask(&number) == 0
      else { return nil }
      let cuda = "CUDA \(number / 1000).\(number % 1000 / 10)"
      guard case .success(let management) = SharedLibrary.open(["libnvidia-ml.so.1"]),
        let start = management.function("nvmlInit_v2", as: Start.self), start() == 0,
        let version = management.function("nvmlSystemGetDriverVersion", as: Text.self)
      else { return cuda }
      defer { _ = management.function("nvmlShutdown", as: Start.self)?() }
      var text = [CChar](repeating: 0, count: 96)
      guard version(&text, 95) == 0 else { return cuda }
      let release = text.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } }
      return "\(cuda), release \(release ?? "unknown")"
    }
  }

  private static func cudaRow(_ options: Options) -> EnvironmentReport.Row {
    typealias Ask = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    return row(
      "cuda",
      purpose: "the runtime that TensorRT stands on",
      remedy: "install the CUDA runtime that your TensorRT was built for",
      candidates: SharedLibrary.candidates(
        "cuda",
        options,
        names: [
          "libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0", "libcudart.so",
          "/usr/local/cuda/lib64/libcudart.so",
        ]
      )
    ) { library in
      var number: Int32 = 0
      guard let ask = library.function("cudaRuntimeGetVersion", as: Ask.self), ask(&number) == 0
      else { return nil }
      return "\(number / 1000).\(number % 1000 / 10)"
    }
  }

  private static func nvrtcRow(_ options: Options) -> EnvironmentReport.Row {
    typealias Version =
      @convention(c) (UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>) -> Int32
    return row(
      "nvrtc",
      purpose: "compiles what a GPU does around networks there",
      remedy: "run Scripts/setup nvrtc where there is a GPU",
      candidates: SharedLibrary.candidates(
        "nvrtc",
        options,
        packages: ["nvidia-cuda-nvrtc-cu12", "nvidia-cuda-nvrtc"],
        prefix: "libnvrtc.so",
        names: ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2", "libnvrtc.so"]
      )
    ) { library in
      var (major, minor): (Int32, Int32) = (0, 0)
      guard let ask = library.function("nvrtcVersion", as: Version.self), ask(&major, &minor) == 0
      else { return nil }
      return "\(major).\(minor)"
    }
  }

  private static func tensorRTRow(_ options: Options) -> EnvironmentReport.Row {
    let majors = [11, 10, 8]
    var row = row(
      "tensorrt",
      purpose: "builds the fastest plans for NVIDIA GPUs",
      remedy: "install TensorRT 8.6, 10 or 11 from NVIDIA's repository",
      candidates: SharedLibrary.candidates(
        "tensorrt",
        options,
        packages: ["tensorrt", "tensorrt-libs"],
        prefix: "libnvinfer.so",
        names: majors.map { "libnvinfer.so.\($0)" }
      ),
      version: tensorRTVersion
    )
    guard row.status == .ok, options.libraries["tensorrt"] == nil else { return row }
    let present = majors.filter { (try? SharedLibrary.open(["libnvinfer.so.\($0)"]).get()) != nil }
    if present.count > 1 {
      row.status = .conflict
      row.detail = "several major versions can be loaded: \(present)"
      row.remedy = "keep one of them on the loader's path"
    }
    return row
  }

  private static func tensorRTForRTXRow(_ options: Options) -> EnvironmentReport.Row {
    row(
      "tensorrt-rtx",
      purpose: "builds plans for RTX GPUs, even without one",
      remedy: "run Scripts/setup tensorrt-rtx, if its plans are wanted",
      candidates: SharedLibrary.candidates(
        "tensorrt-rtx",
        options,
        packages: ["tensorrt-rtx-cu13-libs", "tensorrt-rtx-cu12-libs"],
        prefix: "libtensorrt_rtx.so",
        names: ["libtensorrt_rtx.so.1", "libtensorrt_rtx.so"]
      ),
      version: tensorRTVersion
    )
  }

  /// 8600 is 8.6.0; from 10 on there are two digits for each part: 100900 is 10.9.0.
  private static func tensorRTVersion(_ library: SharedLibrary) -> String? {
    typealias Version = @convention(c) () -> Int32
    guard let number = library.function("getInferLibVersion", as: Version.self)?() else {
      return nil
    }
    return number < 10_000
      ? "\(number / 1000).\(number / 100 % 10).\(number % 100)"
      : "\(number / 10_000).\(number / 100 % 100).\(number % 100)"
  }
}
