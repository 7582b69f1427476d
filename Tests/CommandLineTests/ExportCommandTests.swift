import Foundation
import TestSupport
import Testing

@Suite struct ExportCommandTests {
  @Test func writesOneWholeFileAndSaysSo() throws {
    let scratch = try ScratchFolder()
    let path = scratch.file("shapes.onnx")
    let result = try VitrineProcess.run(["export", Sample.checkpoint, "-o", path, "--json"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(scratch.files == ["shapes.onnx"])
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    )
    #expect(document["opset"] as? Int == 17)
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    #expect(document["byteCount"] as? Int == size)
  }

  @Test func fullDiskLeavesNothing() throws {
    let scratch = try ScratchFolder()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    let command =
      "ulimit -f 16; exec '\(VitrineProcess.executable)' export "
      + "'\(Sample.checkpoint)' -o '\(scratch.file("shapes.onnx"))'"
    process.arguments = ["-c", command]
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(
      decoding: errors.fileHandleForReading.readDataToEndOfFile(),
      as: UTF8.self
    )
    process.waitUntilExit()
    #expect(process.terminationStatus == 70)
    #expect(text.contains("file.unwritable"))
    #expect(scratch.files.isEmpty)
  }

  @Test func unwritableFolderIsNamed() throws {
    let result = try VitrineProcess.run(["export", Sample.checkpoint, "-o", "/proc/none/x.onnx"])
    #expect(result.status == 70)
    #expect(result.errors.contains("file.unwritable"))
  }

  @Test func interruptionLeavesNothing() throws {
    let scratch = try ScratchFolder()
    for delay in [0, 1, 4, 5, 8, 11, 16, 19, 22, 30, 41, 60] {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: VitrineProcess.executable)
      process.arguments = ["export", Sample.checkpoint, "-o", scratch.file("shapes.onnx")]
      process.standardError = FileHandle.nullDevice
      process.standardOutput = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(delay) * 1000)
      if delay % 2 == 0 { process.interrupt() } else { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      // Either it was quicker than the signal, or nothing is there, not even after a kill.
      #expect(scratch.files.isEmpty || scratch.files == ["shapes.onnx"])
      try? FileManager.default.removeItem(atPath: scratch.file("shapes.onnx"))
    }
  }
}
