import Backends
import Detectors
import Diagnostics
import Graphs
import Images
import Synchronization
import Tensors
import TestSupport
import Testing

@testable import BackendsTensorRT

extension StandInTests {
  @Suite("Sessions: memory, recordings, threads, failures")
  struct TensorRTSessionTests {
    private static func graph(batch: Int = 1) throws -> Graph {
      try StandInNetwork.graph(batch: batch, height: 16, width: 14, classCount: 2)
    }

    /// Rows with two boxes that stand apart and one that falls.
    private static func rows(batch: Int = 1) -> [Float] {
      (0..<batch).flatMap { picture -> [Float] in
        var rows = [Float](repeating: 0, count: 96 * 7)
        let boxes: [[Float]] = [
          [4, 4, 6, 6, 0.9, 0.9, 0.1], [4, 5, 6, 6, 0.8, 0.9, 0.1],
          [10, 10, 4, 4, 0.7, 0.1, Float(0.8 + 0.01 * Double(picture))],
        ]
        for (index, box) in boxes.enumerated() {
          for (channel, value) in box.enumerated() { rows[7 * (10 * index + 3) + channel] = value }
        }
        return rows
      }
    }

    @Test(
      "a run from pictures to boxes, on each release's table",
      arguments: StandIns.Release.allCases
    )
    func flow(_ release: StandIns.Release) async throws {
      let before = StandInControls.everything
      try await {
        let plan = try await StandInNetwork.plan(try Self.graph(batch: 2), release)
        StandInNetwork.answer(Self.rows(batch: 2))
        let session = try Detector(plan: plan).makeSession()
        let found = try session.detect([Image(width: 14, height: 16), Image(width: 28, height: 32)])
        #expect(found.map { $0.detections.map(\.classIndex) } == [[0, 1], [0, 1]])
        #expect(found[1].detections[0].box.x2 == 2 * found[0].detections[0].box.x2)
        // The outputs are still there for whoever asks.
        let rows = try session.session.output("output0")
        #expect(try rows.withScalars(of: Float.self) { Array($0) } == Self.rows(batch: 2))
      }()
      #expect(StandInControls.everything == before)
      #expect(StandInControls.faults == 0)
      #expect(StandInControls.objects(release) == 0)
    }

    @Test("recorded runs give what others give, and pictures may change their size between them")
    func recordings() async throws {
      let plan = try await StandInNetwork.plan(try Self.graph())
      let plain = try await StandInNetwork.plan(try Self.graph(), records: false)
      StandInNetwork.answer(Self.rows())
      let detector = try Detector(plan: plan)
      let recorded = try detector.makeSession()
      let other = try Detector(plan: plain).makeSession()
      let launched = StandInControls.total(.runnables)
      var random = SeededGenerator(seed: 40)
      for round in 0..<12 {
        let image = Image.noise(20 + 3 * (round / 4), 30 - round / 4, &random)
        let expected = try other.detect(image).detections
        let input = StandInNetwork.input
        #expect(try recorded.detect(image).detections == expected)
        #expect(StandInNetwork.input == input, "round \(round)")
      }
      let session = try #require(recorded.session as? TensorRTSession)
      #expect(session.isRecorded)
      #expect(try #require(other.session as? TensorRTSession).isRecorded == false)
      // A larger picture may need larger memory, and then another recording.
      #expect(StandInControls.total(.runnables) - launched <= 4)
      // Values instead of pictures: what was recorded no longer holds.
      let input = try session.input("images", shape: [1, 3, 16, 14])
      try input.withScalars(of: Float.self) { $0.update(repeating: 0.25) }
      for _ in 0..<5 {
        try session.run(observer: nil)
        #expect(StandInNetwork.input == Array(UnsafeRawBufferPointer(input.bytes)))
      }
      _ = try session.output("output0")
    }

    @Test("a recording that fails is done without")
    func withoutRecording() async throws {
      let plan = try await StandInNetwork.plan(try Self.graph())
      StandInNetwork.answer(Self.rows())
      let session = try Detector(plan: plan).makeSession()
      let image = Image(width: 14, height: 16)
      let expected = try session.detect(image).detections
      StandInControls.fail("cuGraphInstantiateWithFlags", code: 801)
      for _ in 0..<5 { #expect(try session.detect(image).detections == expected) }
      #expect(try #require(session.session as? TensorRTSession).isRecorded == false)
    }

    @Test("10,000 runs do not grow", arguments: [true, false])
    func soak(_ records: Bool) async throws {
      let plan = try await StandInNetwork.plan(
        try StandInNetwork.graph(height: 8, width: 7, classCount: 2),
        records: records
      )
      StandInNetwork.answer([Float](repeating: 0, count: 3 * 8 * 7))
      let session = try plan.makeSession()
      let input = try session.input("images", shape: [1, 3, 8, 7])
      for _ in 0..<10 { try session.run(observer: nil) }
      let (before, made) = (StandInControls.everything, StandInControls.total(.device))
      for _ in 0..<10_000 { try session.run(observer: nil) }
      #expect(StandInControls.everything == before)
      #expect(StandInControls.total(.device) == made)
      _ = input
    }

    @Test("pictures, too: memory is taken once")
    func pictureSoak() async throws {
      let plan = try await StandInNetwork.plan(try Self.graph())
      StandInNetwork.answer(Self.rows())
      let session = try Detector(plan: plan).makeSession()
      let image = Image(width: 33, height: 44)
      for _ in 0..<10 { _ = try session.detect(image) }
      let (before, made) = (StandInControls.everything, StandInControls.total(.device))
      for _ in 0..<30 { _ = try session.detect(image) }
      #expect(StandInControls.everything == before)
      #expect(StandInControls.total(.device) == made)
    }

    @Test("two sessions in two threads give what one gives")
    func threads() async throws {
      let plan = try await StandInNetwork.plan(try Self.graph())
      StandInNetwork.answer(Self.rows())
      let detector = try Detector(plan: plan)
      let image = Image(width: 14, height: 16)
      let expected = try detector.makeSession().detect(image).detections
      try await withThrowingTaskGroup(of: Bool.self) { group in
        for _ in 0..<2 {
          group.addTask {
            let session = try detector.makeSession()
            for _ in 0..<50 where try session.detect(image).detections != expected { return false }
            return true
          }
        }
        for try await isSame in group { #expect(isSame) }
      }
      #expect(StandInControls.faults == 0)
    }

    @Test("observers get phases and layers, and what is tapped")
    func observers() async throws {
      var configuration = BuildConfiguration()
      configuration.profilesLayers = true
      configuration.tappedValues = ["output0"]
      let backend = StandInNetwork.backend()
      let plan = try await backend.build(try Self.graph(), configuration: configuration).plan
      StandInNetwork.answer(Self.rows())
      let session = try Detector(plan: plan).makeSession()
      let listener = Listener()
      _ = try session.detect(Image(width: 14, height: 16), observer: listener)
      #expect(listener.phases == [.enqueue, .hostToDevice, .compute, .deviceToHost])
      #expect(listener.layers == ["stand-in"])
      #expect(listener.tapped == ["output0"])
    }

    @Test("shapes and names that do not fit are refused")
    func refusals() async throws {
      let session = try await StandInNetwork.plan(try Self.graph()).makeSession()
      let wrong = #expect(throws: DeployError.self) {
        try session.input("images", shape: [1, 3, 16, 15])
      }
      #expect(wrong?.id == .backendShapeMismatch)
      let unknown = #expect(throws: DeployError.self) { try session.input("x", shape: [1]) }
      #expect(unknown?.id == .backendUnknownBinding)
      let unbound = #expect(throws: DeployError.self) { try session.run(observer: nil) }
      #expect(unbound?.id == .backendUnknownBinding)
      let early = #expect(throws: DeployError.self) { try session.output("output0") }
      #expect(early?.id == .backendUnknownBinding)
    }

    @Test("without NVRTC the processor does the work, and says why once asked")
    func withoutCompiler() async throws {
      let backend = TensorRTBackend(
        libraryPath: StandIns.Release.ten.library,
        driverPath: StandIns.driver,
        compilerPath: "/nowhere/libnvrtc.so.12"
      )
      StandInControls.setNetwork(StandInNetwork.function, of: .ten)
      StandInNetwork.answer(Self.rows())
      for processing in [GPUProcessing.automatic, .on] {
        var configuration = BuildConfiguration()
        configuration.gpuProcessing = processing
        let plan = try await backend.build(try Self.graph(), configuration: configuration).plan
        let detector = try Detector(plan: plan)
        guard processing == .automatic else {
          let error = #expect(throws: DeployError.self) { try detector.makeSession() }
          #expect(error?.id == .backendUnavailable)
          continue
        }
        let session = try detector.makeSession()
        #expect(session.diagnostics.count == 1)
        #expect(session.diagnostics.first?.remedy?.contains("nvrtc") == true)
        #expect(try session.detect(Image(width: 14, height: 16)).detections.count == 2)
      }
    }

    @Test("a driver without pools is used without them")
    func withoutPools() async throws {
      StandInControls.set(hasPools: false)
      defer { StandInControls.set() }
      let before = StandInControls.everything
      try await {
        // Another spelling of the path is another driver to this process.
        let backend = TensorRTBackend(
          libraryPath: StandIns.Release.ten.library,
          driverPath: StandIns.folder + "/./libcuda.so.1",
          compilerPath: StandIns.compiler
        )
        var configuration = BuildConfiguration()
        configuration.gpuProcessing = .on
        let plan = try await backend.build(try Self.graph(), configuration: configuration).plan
        StandInNetwork.answer(Self.rows())
        let session = try Detector(plan: plan).makeSession()
        for _ in 0..<4 {
          #expect(try session.detect(Image(width: 14, height: 16)).detections.count == 2)
        }
      }()
      #expect(StandInControls.everything == before)
      #expect(StandInControls.faults == 0)
    }
  }

  /// Remembers what it is told.
  private final class Listener: SessionObserver {
    var phases: [RunPhase] = []
    var layers: [String] = []
    var tapped: [String] = []

    func session(_ session: any Session, didRun layer: LayerInfo, in duration: Duration) {
      layers.append(layer.name)
    }
    func session(_ session: any Session, didFinish phase: RunPhase, in duration: Duration) {
      phases.append(phase)
    }
    func session(_ session: any Session, didProduce value: String, _ tensor: Tensor) {
      tapped.append(value)
    }
  }
}
