import Backends

/// Which of the two libraries: TensorRT, or TensorRT for RTX.
enum TensorRTFlavor: String, Sendable, Codable {
  case tensorRT = "tensorrt"
  case rtx = "tensorrt-rtx"

  /// The name in messages.
  var title: String { self == .tensorRT ? "TensorRT" : "TensorRT for RTX" }

  /// The packages that `Scripts/setup` may have unpacked.
  var packages: [String] {
    switch self {
    case .tensorRT: ["tensorrt", "tensorrt-libs"]
    case .rtx: ["tensorrt-rtx-cu13-libs", "tensorrt-rtx-cu12-libs"]
    }
  }

  var libraryPrefix: String { self == .tensorRT ? "libnvinfer.so" : "libtensorrt_rtx.so" }

  /// The names on the loader's path, the newest release first.
  var libraryNames: [String] {
    switch self {
    case .tensorRT: ["libnvinfer.so.11", "libnvinfer.so.10", "libnvinfer.so.8"]
    case .rtx: ["libtensorrt_rtx.so.1"]
    }
  }

  /// The parser that goes with a library: the same place, the same number at the end.
  func parserPath(for library: String) -> String {
    let folder = library.lastIndex(of: "/").map { library[...$0] } ?? ""
    let file = library.dropFirst(folder.count)
    let name = self == .tensorRT ? "libnvonnxparser.so" : "libtensorrt_onnxparser_rtx.so"
    // Files are called `libnvinfer.so.10.9.0`, parsers may be there as `.so.10` only.
    let numbers = file.split(separator: ".").drop { $0 != "so" }.dropFirst()
    return folder + name + (numbers.first.map { ".\($0)" } ?? "")
  }

  var remedy: String {
    switch self {
    case .tensorRT:
      "install TensorRT 8.6, 10 or 11 from NVIDIA's repository on a machine with an NVIDIA GPU"
    case .rtx: "run Scripts/setup tensorrt-rtx"
    }
  }
}

/// A release, as the library states it.
struct TensorRTVersion: Sendable, Hashable, Comparable {
  let major: Int
  let minor: Int
  let patch: Int

  init(major: Int, minor: Int, patch: Int) {
    self.major = major
    self.minor = minor
    self.patch = patch
  }

  /// 8601 is 8.6.1; from 10 on, and for RTX, each part has two digits: 100900 is 10.9.0, 10701 is
  /// 1.7.1. Source: NV_TENSORRT_VERSION of the releases.
  init(number: Int) {
    if number < 10_000 {
      self.init(major: number / 1000, minor: number / 100 % 10, patch: number % 100)
    } else {
      self.init(major: number / 10_000, minor: number / 100 % 100, patch: number % 100)
    }
  }

  var text: String { "\(major).\(minor).\(patch)" }

  /// Which table of slots holds, as `vtTrtTable` numbers them; nil for a release that nobody has
  /// compared with any.
  func family(of flavor: TensorRTFlavor) -> Int32? {
    switch (flavor, major, minor) {
    case (.tensorRT, 8, 6): 8
    case (.tensorRT, 10, _): 10
    case (.tensorRT, 11, _): 11
    case (.rtx, 1, 4): 14
    case (.rtx, 1, 5...): 15
    default: nil
    }
  }

  static func < (left: Self, right: Self) -> Bool {
    (left.major, left.minor, left.patch) < (right.major, right.minor, right.patch)
  }
}
