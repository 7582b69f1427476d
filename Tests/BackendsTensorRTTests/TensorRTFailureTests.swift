import Backends
import Detectors
import Diagnostics
import Graphs
import Images
import Tensors
import TestSupport
import Testing

@testable import BackendsTensorRT

extension StandInTests {
  @Suite("Whatever call fails, an error says so and nothing is left behind")
  struct TensorRTFailureTests {
    private static let image = Image(width: 14, height: 16)

    private static func work(_ backend: TensorRTBackend) async throws -> Int {
      var configuration = BuildConfiguration()
      configuration.gpuProcessing = .on
      let graph = try StandInNetwork.graph(height: 16, width: 14, classCount: 2)
      let plan = try await backend.build(graph, configuration: configuration).plan
      let session = try Detector(plan: plan).makeSession()
      var count = 0
      for _ in 0..<5 { count += try session.detect(image).detections.count }
      _ = try session.session.output("output0")
      let values = try session.session.input("images", shape: [1, 3, 16, 14])
      try session.session.run(observer: nil)
      withExtendedLifetime(values) {}
      return count
    }

    /// Functions of the driver that sessions call. Those that give something back are not among
    /// them: their failure changes nothing for the caller.
    static let functions = [
      "cuCtxSetCurrent", "cuStreamCreate", "cuStreamSynchronize", "cuMemAllocAsync",
      "cuMemHostAlloc", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2", "cuEventCreate",
      "cuGraphLaunch", "cuLaunchKernel",
    ]

    @Test("every call of the driver, at every place where it is made", arguments: functions)
    func driver(_ name: String) async throws {
      let backend = StandInNetwork.backend()
      StandInNetwork.answer([Float](repeating: 0, count: 96 * 7))
      _ = try await Self.work(backend)
      let before = StandInControls.everything
      var failures = 0
      for after in Int32(0)..<40 {
        StandInControls.fail(name, after: after, code: 2)
        do { _ = try await Self.work(backend) } catch let error as DeployError {
          failures += 1
          #expect([.backendFailed, .backendUnavailable].contains(error.id), "\(error)")
          #expect(error.description.contains("memory"), "\(name) \(after): \(error)")
        }
        StandInControls.fail("")
        #expect(StandInControls.everything == before, "\(name) after \(after)")
      }
      #expect(failures > 0, "\(name) is never called")
      #expect(StandInControls.faults == 0)
      #expect(StandInControls.objects(.ten) == 0)
      _ = try await Self.work(backend)
    }

    @Test("opening: the driver, its kernels and their compiler")
    func opening() async throws {
      let functions = [
        "cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetAttribute",
        "cuDevicePrimaryCtxRetain", "cuModuleLoadData", "cuModuleGetFunction", "nvrtcVersion",
        "nvrtcGetNumSupportedArchs", "nvrtcCreateProgram", "nvrtcCompileProgram",
        "nvrtcGetCUBINSize",
      ]
      StandInControls.setNetwork(StandInNetwork.function, of: .ten)
      let before = (StandInControls.everything, StandInControls.live(.modules))
      for (index, name) in functions.enumerated() {
        // A driver is opened once by each spelling of its path.
        let path = StandIns.folder + String(repeating: "/.", count: index + 2) + "/libcuda.so.1"
        let backend = TensorRTBackend(
          libraryPath: StandIns.Release.ten.library,
          driverPath: path,
          compilerPath: StandIns.compiler
        )
        StandInControls.fail(name, code: 999)
        let error = await #expect(throws: DeployError.self) { _ = try await Self.work(backend) }
        #expect(
          [.backendUnavailable, .backendFailed].contains(error?.id),
          "\(name): \(error as Any)"
        )
        StandInControls.fail("")
        #expect(StandInControls.everything == before.0, "\(name)")
        #expect(StandInControls.live(.modules) == before.1, "\(name)")
      }
    }

    static let methods = [
      "parse", "build", "load", "createExecutionContext", "setInputShape", "setTensorAddress",
      "enqueueV3",
    ]

    @Test("every call of TensorRT, with its own words", arguments: methods)
    func library(_ name: String) async throws {
      let backend = StandInNetwork.backend()
      StandInNetwork.answer([Float](repeating: 0, count: 96 * 7))
      _ = try await Self.work(backend)
      let before = StandInControls.everything
      var failures = 0
      for after in Int32(0)..<4 {
        StandInControls.failMethod(name, after: after, of: .ten)
        do { _ = try await Self.work(backend) } catch let error as DeployError {
          failures += 1
          #expect([.backendFailed, .backendShapeMismatch].contains(error.id), "\(error)")
          if ["build", "enqueueV3"].contains(name) {
            #expect(error.description.contains("a planned failure of the"), "\(error)")
          }
        }
        StandInControls.failMethod("", of: .ten)
        #expect(StandInControls.everything == before, "\(name) after \(after)")
        #expect(StandInControls.objects(.ten) == 0, "\(name) after \(after)")
      }
      #expect(failures > 0, "\(name) is never called")
    }

    @Test("several profiles: the context is set to one that fits")
    func profiles() async throws {
      var options = PlanBuildOptions()
      options.profiles = try ["1x3x16x14", "2x3x16x14:2x3x16x14:4x3x16x14"].map {
        try #require(ShapeProfile($0))
      }
      var graph = Graph(name: "profiles")
      let input = graph.addInput(
        "images",
        TensorType(.float32, [.symbol("batch"), .fixed(3), .fixed(16), .fixed(14)])
      )
      let result = try graph.add(Sigmoid(), [input], name: "sigmoid", provenance: Provenance())
      graph.markOutput(result[0], named: "output0")
      for release in StandIns.Release.allCases {
        let backend = StandInNetwork.backend(release)
        let built = try await backend.buildPlanFile(
          graph,
          options: options,
          source: PlanSource(name: "x")
        ) { _ in }
        let file = TemporaryFile(built.bytes, suffix: ".plan")
        let plan = try backend.loadPlan(path: file.path, configuration: BuildConfiguration())
        #expect(
          StandInControls.number("standInSharesProfiles", of: release)
            == (release == .eight ? 1 : 0)
        )
        let session = try plan.makeSession()
        for (batch, profile) in [(1, 0), (3, 1), (1, 0)] {
          _ = try session.input("images", shape: [batch, 3, 16, 14])
          try session.run(observer: nil)
          #expect(StandInControls.number("standInLastProfile", of: release) == profile)
          #expect(try session.output("output0").shape == [batch, 3, 16, 14])
        }
      }
    }
  }
}
