import Backends
import BackendsONNXRuntime
import Diagnostics
import Videos

extension Doctor {
  /// The engines that run on the processor.
  static func engineRows(_ options: Options) -> [EnvironmentReport.Row] {
    [onnxRuntimeRow(options), openVINORow(options), oneDNNRow(options)]
  }

  /// A row for a library: what opened it says, or why it did not open.
  static func row(
    _ component: String,
    purpose: String,
    remedy: String,
    candidates: [String],
    version: (SharedLibrary) -> String?
  ) -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row(component, .missing, purpose: purpose)
    switch SharedLibrary.open(candidates) {
    case .success(let library):
      row.location = library.path
      row.found = version(library)
      row.status = row.found == nil ? .unsupported : .ok
      if row.found == nil { row.detail = "it lacks the functions that tell its version" }
    case .failure(let failure):
      row.status = failure.isAbsent ? .missing : .unsupported
      row.detail = failure.text
    }
    if row.status != .ok { row.remedy = remedy }
    return row
  }

  private static func onnxRuntimeRow(_ options: Options) -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row(
      "onnxruntime",
      .missing,
      purpose: "runs exported networks on the processor"
    )
    row.needed = "1.31 or newer"
    let backend = ONNXRuntimeBackend(
      libraryPath: options.libraries["onnxruntime"],
      engines: options.engines
    )
    switch backend.availability() {
    case .available(let version):
      row.status = .ok
      row.found = version
      let numbers = version.split(separator: ".").compactMap { Int($0) }
      if numbers.lexicographicallyPrecedes([1, 31]) {
        row.status = .conflict
        row.detail = "release \(version) is older than 1.31, which this program is tested with"
        row.remedy = "run Scripts/setup"
      }
    case .unavailable(let diagnostic):
      row.status = diagnostic.message.contains("No such file") ? .missing : .unsupported
      row.detail = diagnostic.message
      row.remedy = diagnostic.remedy
    }
    return row
  }

  private static func openVINORow(_ options: Options) -> EnvironmentReport.Row {
    typealias Version = @convention(c) (UnsafeMutablePointer<UnsafePointer<CChar>?>) -> Int32
    return row(
      "openvino",
      purpose: "runs exported networks on Intel processors, also in bfloat16",
      remedy: "run Scripts/setup openvino",
      candidates: SharedLibrary.candidates(
        "openvino",
        options,
        packages: ["openvino"],
        prefix: "libopenvino_c.so",
        names: ["libopenvino_c.so"]
      )
    ) { library in
      guard let ask = library.function("ov_get_openvino_version", as: Version.self) else {
        return nil
      }
      // The answer is a pair of texts: build number and description.
      var texts: [UnsafePointer<CChar>?] = [nil, nil]
      guard ask(&texts) == 0, let text = texts[0] else { return nil }
      return String(cString: text)
    }
  }

  private static func oneDNNRow(_ options: Options) -> EnvironmentReport.Row {
    typealias Version = @convention(c) () -> UnsafePointer<Int32>?
    return row(
      "onednn",
      purpose: "convolutions that plans of the native engine can choose",
      remedy: "run Scripts/setup onednn",
      candidates: SharedLibrary.candidates(
        "onednn",
        options,
        packages: ["onednn-cpu-gomp"],
        prefix: "libdnnl.so",
        names: ["libdnnl.so.3"]
      )
    ) { library in
      // The answer begins with three numbers.
      guard let numbers = library.function("dnnl_version", as: Version.self)?() else { return nil }
      return "\(numbers[0]).\(numbers[1]).\(numbers[2])"
    }
  }

  /// The libraries that read pictures.
  static func codecRows(_ options: Options) -> [EnvironmentReport.Row] {
    typealias Text = @convention(c) () -> UnsafePointer<CChar>?
    typealias Number = @convention(c) () -> Int32
    let turbo = SharedLibrary.candidates("libturbojpeg", options, names: ["libturbojpeg.so.0"])
    let spng = SharedLibrary.candidates("libspng", options, names: ["libspng.so.0"])
    let webp = SharedLibrary.candidates("libwebp", options, names: ["libwebp.so.7"])
    let setup = "run Scripts/setup, or install the package "
    return [
      row(
        "libturbojpeg",
        purpose: "reads JPEG pictures",
        remedy: setup + "libturbojpeg0",
        candidates: turbo
      ) { library in
        let make = library.function("tjInitDecompress", as: Text.self)
        let isNew = library.function("tj3Init", as: Text.self) != nil
        return make == nil ? nil : (isNew ? "3 or newer" : "2")
      },
      row(
        "libspng",
        purpose: "reads PNG pictures",
        remedy: setup + "libspng0",
        candidates: spng
      ) { library in
        library.function("spng_version_string", as: Text.self)?().map { String(cString: $0) }
      },
      row(
        "libwebp",
        purpose: "reads WebP pictures",
        remedy: setup + "libwebp7",
        candidates: webp
      ) { library in
        guard let number = library.function("WebPGetDecoderVersion", as: Number.self)?() else {
          return nil
        }
        return "\(number >> 16).\(number >> 8 & 255).\(number & 255)"
      },
      videoRow(),
    ]
  }

  /// FFmpeg's libraries, which read and write videos.
  private static func videoRow() -> EnvironmentReport.Row {
    var row = EnvironmentReport.Row("ffmpeg", .missing, purpose: "reads and writes videos")
    row.needed = "5 to 8"
    do {
      row.found = try VideoLibrary.version()
      let encoder = try VideoLibrary.encoders().first
      row.detail = encoder.map { "writes with \($0)" } ?? "it has no encoder that is used here"
      row.status = .ok
    } catch {
      let reason = error as? DeployError
      row.detail = reason?.diagnostics[0].message
      row.remedy = reason?.diagnostics[0].remedy
      let isAbsent = row.detail?.contains("No such file") ?? true
      row.status = isAbsent ? .missing : .unsupported
    }
    return row
  }
}
