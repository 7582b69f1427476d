import Foundation
import Metrics
import Testing

@testable import Pipelines

@Suite struct GPUMonitorTests {
  /// A library with NVML's functions that answers fixed numbers, built here.
  private static let source = """
    #include <string.h>
    typedef void *device;
    int nvmlInit_v2(void) { return 0; }
    int nvmlShutdown(void) { return 0; }
    int nvmlSystemGetDriverVersion(char *t, unsigned n) { strncpy(t, "570.1", n); return 0; }
    int nvmlDeviceGetHandleByIndex_v2(unsigned i, device *d) { *d = (device)8; return i != 0; }
    int nvmlDeviceGetName(device d, char *t, unsigned n) { strncpy(t, "Fake GPU", n); return 0; }
    int nvmlDeviceGetUtilizationRates(device d, unsigned *u) { u[0] = 60; u[1] = 5; return 0; }
    int nvmlDeviceGetMemoryInfo(device d, unsigned long long *m) {
      static unsigned long long used = 1000;
      m[0] = 9000; m[2] = used += 10; m[1] = m[0] - m[2]; return 0; }
    int nvmlDeviceGetClockInfo(device d, unsigned kind, unsigned *v) {
      *v = 1410; return kind != 1; }
    int nvmlDeviceGetTemperature(device d, unsigned kind, unsigned *v) { *v = 55; return kind; }
    #ifdef POWER
    int nvmlDeviceGetPowerUsage(device d, unsigned *v) { *v = 250500; return 0; }
    #endif
    """

  /// Builds the library; nil where there is no C compiler.
  private func library(
    _ folder: URL,
    _ flags: [String],
    _ text: String = source
  ) throws -> String? {
    guard
      let compiler = ["/usr/bin/cc", "/usr/bin/clang", "/usr/bin/gcc"]
        .first(where: FileManager.default.isExecutableFile)
    else { return nil }
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let source = folder.appending(path: "nvml.c")
    try text.write(to: source, atomically: true, encoding: .utf8)
    let output = folder.appending(path: "libfake-\(flags.count)-\(text.count).so").path
    let process = Process()
    process.executableURL = URL(filePath: compiler)
    process.arguments = ["-shared", "-fPIC", "-w", "-o", output] + flags + [source.path]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? output : nil
  }

  private func watch(_ path: String) async -> GPUMonitor.Finding {
    let task = Task { await GPUMonitor.watch(libraries: [path], interval: .milliseconds(5)) }
    try? await Task.sleep(for: .milliseconds(60))
    task.cancel()
    return await task.value
  }

  @Test func figuresComeFromTheLibrary() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    guard let path = try library(folder, ["-DPOWER"]) else { return }
    guard case .seen(let use) = await watch(path) else {
      Issue.record("the library was not used")
      return
    }
    #expect(use.name == "Fake GPU")
    #expect(use.driver == "570.1")
    #expect(use.sampleCount >= 2)
    #expect(use.utilization == 60)
    #expect(use.clockMegahertz == 1410)
    #expect(use.temperature == 55)
    #expect(use.powerWatts == 250.5)
    #expect(use.peakMemoryBytes == Int64(1000 + 10 * use.sampleCount))
  }

  @Test func whatTheLibraryLacksIsAbsent() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    guard let path = try library(folder, []) else { return }
    guard case .seen(let use) = await watch(path) else {
      Issue.record("the library was not used")
      return
    }
    #expect(use.powerWatts == nil)
    #expect(use.utilization == 60)
    let other = try library(folder, [], "int something(void) { return 0; }")
    guard let other, case .absent(let reason) = await watch(other) else {
      Issue.record("a library without NVML's functions was used")
      return
    }
    #expect(reason.contains("nvmlInit_v2 is missing"))
  }

  @Test func noLibraryIsAReason() async {
    guard case .absent(let reason) = await GPUMonitor.watch(libraries: ["/nowhere/libml.so"])
    else {
      Issue.record("nothing was found")
      return
    }
    #expect(reason == "no NVIDIA driver: /nowhere/libml.so cannot be opened")
  }
}
