import Backends
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import BackendsTensorRT

@Suite("The kernels' source")
struct NVRTCTests {
  /// Every NVRTC that `Scripts/setup nvrtc` unpacked.
  static let paths = ["nvidia-cuda-nvrtc-cu12", "nvidia-cuda-nvrtc"].flatMap {
    EngineFolder(Engines.folder).libraries(of: $0, prefix: "libnvrtc.so")
  }

  @Test(
    "NVRTC compiles it for every GPU that it knows, without a warning",
    .enabled(if: !paths.isEmpty, "run Scripts/setup nvrtc"),
    arguments: [75, 80, 86, 89, 90, 100, 120]
  )
  func compiles(_ capability: Int) throws {
    for path in Self.paths {
      let compiler = try GPUCompiler(path: path)
      let image = try compiler.compile(for: capability)
      #expect(image.log == "")
      #expect(image.target == "sm_\(capability)")
      // Machine code is an ELF file.
      #expect(image.bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46]))
    }
  }

  @Test("A newer GPU gets what its driver can translate", .enabled(if: !paths.isEmpty))
  func newer() throws {
    let compiler = try GPUCompiler(path: Self.paths[0])
    let newest = try #require(compiler.targets.last)
    let image = try compiler.compile(for: 999)
    #expect(image.target == "compute_\(newest)")
    let text = String(decoding: image.bytes, as: UTF8.self)
    #expect(text.contains(".entry vitrine_keep"))
    let error = #expect(throws: DeployError.self) { try compiler.compile(for: 20) }
    #expect(error?.id == .backendUnavailable)
  }

  @Test("A library that is no NVRTC, and one that is not there")
  func strangers() {
    let missing = #expect(throws: DeployError.self) {
      try GPUCompiler(path: "/nowhere/libnvrtc.so")
    }
    #expect(missing?.id == .backendUnavailable)
    #expect(missing?.diagnostics[0].remedy?.contains("Scripts/setup nvrtc") == true)
    let other = #expect(throws: DeployError.self) { try GPUCompiler(path: "libm.so.6") }
    #expect(other?.diagnostics[0].message.contains("nvrtc") == true)
  }
}
