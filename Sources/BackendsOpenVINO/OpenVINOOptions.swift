import Backends
import COpenVINO
import Tensors

/// The settings of one network, as OpenVINO takes them.
struct OpenVINOOptions {
  var threadCount: Int?
  /// What single-precision parts may be computed in; OpenVINO narrows them by itself where it is
  /// not told otherwise.
  var precision = ScalarType.float32
  var profilesLayers = false

  init(_ configuration: BuildConfiguration) {
    threadCount = configuration.threadCount
    precision = configuration.executionPrecisionHint ?? .float32
    profilesLayers = configuration.profilesLayers
  }

  /// The hint's name for OpenVINO; only floating-point types have one.
  var precisionName: String {
    switch precision {
    case .bfloat16: "bf16"
    case .float16: "f16"
    default: "f32"
    }
  }

  /// Lends the settings in the form of the C interface. 0 threads leave the choice to the
  /// library.
  func withBuild<Result>(_ body: (UnsafePointer<VTOvBuild>) throws -> Result) rethrows -> Result {
    try precisionName.withCString { precision in
      try "\(max(0, threadCount ?? 0))".withCString { threads in
        try (profilesLayers ? "YES" : "NO").withCString { profiles in
          var build = VTOvBuild(precision: precision, threads: threads, profiles: profiles)
          return try body(&build)
        }
      }
    }
  }
}
