import Backends
import TestSupport
import Testing

@testable import Pipelines

@Suite("Doctor")
struct DoctorTests {
  @Test("Every component has a row, and what is wrong has a remedy")
  func rows() throws {
    var options = Doctor.Options()
    options.cache = Engines.cache
    options.python = nil
    let report = Doctor.examine(options)
    let expected = [
      "processor", "threads", "memory", "gpu", "driver", "cuda", "nvrtc", "tensorrt",
      "tensorrt-rtx",
      "onnxruntime", "openvino", "onednn", "libturbojpeg", "libspng", "libwebp", "ffmpeg",
    ]
    #expect(report.rows.map(\.component) == expected)
    for row in report.rows {
      #expect(!row.purpose.isEmpty)
      #expect((row.status == .ok) == (row.remedy == nil), "\(row)")
      if row.status == .ok { #expect(row.found != nil, "\(row)") }
    }
    #expect(report.canRun(.reference))
    #expect(report.row("threads")?.found?.hasPrefix("0 ") == false)
  }

  @Test("A bogus library is reported, not believed and not fatal")
  func bogus() throws {
    var options = Doctor.Options()
    options.python = nil
    for component in ["gpu", "cuda", "tensorrt", "tensorrt-rtx", "onnxruntime", "openvino"] {
      options.libraries[component] = SharedData.checkout + "/Package.swift"
    }
    let report = Doctor.examine(options)
    for component in options.libraries.keys {
      let row = try #require(report.row(component))
      #expect(row.status == .unsupported, "\(row)")
      #expect(row.detail != nil)
    }
    #expect(!report.canRun(.onnxruntime))
    #expect(report.obstacles(to: .tensorrt).map(\.component) == ["gpu", "tensorrt"])
  }

  @Test("A library of another kind is not taken for the component")
  func otherLibrary() throws {
    var options = Doctor.Options()
    options.python = nil
    options.libraries = ["onednn": "libc.so.6", "gpu": "libc.so.6", "tensorrt": "libc.so.6"]
    let report = Doctor.examine(options)
    for component in options.libraries.keys {
      #expect(report.row(component)?.status == .unsupported)
    }
  }

  @Test("TensorRT without a GPU, with too old a driver, and RTX on another GPU are conflicts")
  func conflicts() throws {
    func row(_ component: String, _ found: String?) -> EnvironmentReport.Row {
      var row = EnvironmentReport.Row(component, found == nil ? .missing : .ok, purpose: "test")
      row.found = found
      return row
    }
    var alone = EnvironmentReport(rows: [row("gpu", nil), row("tensorrt", "10.9.0")])
    Doctor.findConflicts(in: &alone)
    #expect(alone.row("tensorrt")?.status == .conflict)
    var old = EnvironmentReport(rows: [
      row("gpu", "NVIDIA H200 (9.0)"), row("driver", "CUDA 12.4, release 550.54.15"),
      row("cuda", "13.0"), row("tensorrt", "11.0.0"), row("tensorrt-rtx", "1.7.1"),
    ])
    Doctor.findConflicts(in: &old)
    #expect(
      old.rows.filter { $0.status == .conflict }.map(\.component) == [
        "cuda", "tensorrt", "tensorrt-rtx",
      ]
    )
    #expect(!old.canRun(.tensorrt))
    var good = EnvironmentReport(rows: [
      row("gpu", "NVIDIA L4 (8.9)"), row("driver", "CUDA 13.0, release 580.65"),
      row("cuda", "12.8"), row("tensorrt", "10.9.0"), row("tensorrt-rtx", "1.7.1"),
    ])
    Doctor.findConflicts(in: &good)
    #expect(good.rows.allSatisfy { $0.status == .ok })
    #expect(good.canRun(.tensorrt))
  }

  @Test("The processor's fields and the allowed processors are read from their texts")
  func processor() throws {
    let text = "processor : 0\nmodel name\t: Xeon\nflags\t: sse avx2 amx_tile\n\nprocessor : 1\n"
    let fields = Doctor.cpuFields(text)
    #expect(fields.count == 2)
    let row = Doctor.processorRow(fields)
    #expect(row.found == "Xeon, AVX2, AMX")
    #expect(Doctor.processorRow([["flags": "sse"]]).status == .unsupported)
    #expect(Doctor.allowedCount("Name: x\nCpus_allowed_list:\t0-3,8\n") == 5)
    #expect(Doctor.allowedCount("Name: x\n") == nil)
  }

  @Test("A program that hangs is stopped, one that is missing or fails is explained")
  func processes() throws {
    let slow = ChildProcess.run("sleep", ["30"], seconds: 1)
    #expect(slow.exitCode == nil)
    #expect(slow.problem?.contains("longer than 1 s") == true)
    #expect(ChildProcess.run("/nonexistent/python", [], seconds: 1).exitCode == 127)
    #expect(ChildProcess.run("sh", ["-c", "exit 3"], seconds: 5).exitCode == 3)
    #expect(ChildProcess.run("sh", ["-c", "echo torch 2"], seconds: 5).output == "torch 2\n")
    #expect(Doctor.torchRow("/nonexistent/python", 1).status == .missing)
  }
}
