import Backends
import BackendsTensorRT
import Detectors
import Diagnostics
import Graphs
import Images
import Tensors
import TestSupport
import Testing

/// The graph's operator has the same name.
private typealias Rules = Detectors.NonMaxSuppression

extension StandInTests {
  @Suite("Boxes chosen by the kernels equal the processor's, in every number and in order")
  struct GPUSelectionTests {
    /// 3 · 64 · 70 values are 1920 rows of 7.
    static let (height, width, rowCount) = (64, 70, 1920)

    /// What both ways find in the same output; an error by its ID.
    private func answers(
      _ rows: [Float],
      type: ScalarType = .float32,
      rules: Rules
    ) async throws -> (gpu: [Detection]?, processor: [Detection]?) {
      let graph = try StandInNetwork.graph(
        height: Self.height,
        width: Self.width,
        classCount: 2,
        type: type
      )
      if type == .float16 {
        StandInNetwork.answer(rows.map { Float16($0) })
      } else {
        StandInNetwork.answer(rows)
      }
      var found: [[Detection]?] = []
      for processing in [GPUProcessing.on, .off] {
        var options = Detector.Options()
        options.suppression = rules
        let plan = try await StandInNetwork.plan(graph, processing: processing)
        let session = try Detector(plan: plan, options: options).makeSession()
        do {
          found.append(try session.detect(Image(width: 90, height: 60)).detections)
          if processing == .on { #expect(try Self.chooses(session), "the processor has chosen") }
        } catch let error as DeployError where error.id.rawValue == "detector.not-finite" {
          found.append(nil)
        }
      }
      #expect(StandInControls.faults == 0)
      return (found[0], found[1])
    }

    /// Whether the boxes of the last run were chosen by the kernels.
    private static func chooses(_ session: DetectionSession) throws -> Bool {
      let pictures = try #require(session.session as? any PictureSession)
      return try pictures.selection(of: 0) != nil
    }

    /// Rows whose boxes crowd, with a share of them above the thresholds.
    private func rows(_ random: inout SeededGenerator, share: Float, levels: Int = 0) -> [Float] {
      func next(_ greatest: Float) -> Float {
        let value = Float(random.next() % 1_000_000) / 1_000_000
        // Few levels make equal confidences, whose order must be kept.
        return greatest * (levels > 0 ? (value * Float(levels)).rounded() / Float(levels) : value)
      }
      return (0..<Self.rowCount).flatMap { _ -> [Float] in
        let isLoud = next(1) <= share
        return [
          next(70), next(64), next(30), next(30), isLoud ? next(1) : next(0.1), next(1), next(1),
        ]
      }
    }

    @Test("random outputs under every kind of rule")
    func random() async throws {
      var random = SeededGenerator(seed: 30)
      var rules: [Rules] = [Rules(), .evaluation]
      var other = Rules()
      other.isClassAgnostic = true
      other.maxDetections = 7
      rules.append(other)
      other.isMultiLabel = true
      other.classes = [1]
      other.iouThreshold = 0
      rules.append(other)
      other.classes = nil
      other.iouThreshold = 1
      other.maxCandidates = 100
      rules.append(other)
      other.maxDetections = 0
      rules.append(other)
      for (index, rule) in rules.enumerated() {
        for levels in [0, 4] {
          let rows = rows(&random, share: index == 1 ? 1 : 0.1, levels: levels)
          let (gpu, processor) = try await answers(rows, rules: rule)
          #expect(gpu == processor, "rule \(index), \(levels) levels")
          #expect(processor != nil)
        }
      }
    }

    @Test("half precision, and threads in falling order")
    func half() async throws {
      var random = SeededGenerator(seed: 31)
      defer { StandInControls.set() }
      for isReversed in [false, true] {
        StandInControls.set(isReversed: isReversed)
        let rows = rows(&random, share: 0.2)
        let (gpu, processor) = try await answers(rows, type: .float16, rules: Rules())
        #expect(gpu == processor)
        #expect(processor?.isEmpty == false)
      }
    }

    @Test("NaN, infinities, huge and inverted boxes, denormal numbers")
    func adversarial() async throws {
      var random = SeededGenerator(seed: 32)
      let strange: [Float] = [
        .nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
        .leastNonzeroMagnitude, -.leastNormalMagnitude, 0, -0.0, 1e30, -1,
      ]
      for round in 0..<10 {
        var rows = rows(&random, share: 0.3)
        for _ in 0..<400 {
          let place = Int(random.next() % UInt64(rows.count))
          rows[place] = strange[Int(random.next() % UInt64(strange.count))]
        }
        var rule = Rules()
        rule.isMultiLabel = round % 2 == 1
        rule.confidenceThreshold = round % 3 == 0 ? 0 : 0.25
        let (gpu, processor) = try await answers(rows, rules: rule)
        // NaN equals nothing, so boxes are compared by their bits.
        #expect(gpu?.map(Self.bits) == processor?.map(Self.bits), "round \(round)")
      }
    }

    private static func bits(_ found: Detection) -> [UInt32] {
      [found.box.x1, found.box.y1, found.box.x2, found.box.y2, found.confidence].map(\.bitPattern)
        + [UInt32(found.classIndex)]
    }

    @Test("nothing above the threshold, and nothing but what is no number")
    func nothing() async throws {
      let quiet = [Float](repeating: 0, count: Self.rowCount * 7)
      let none = try await answers(quiet, rules: Rules())
      #expect(none.gpu == [] && none.processor == [])
      let strange = [Float](repeating: .nan, count: Self.rowCount * 7)
      let both = try await answers(strange, rules: Rules())
      #expect(both.gpu == nil && both.processor == nil)
    }

    @Test("more candidates than the kernels choose from are chosen from on the processor")
    func tooMany() async throws {
      // 680 × 680: 197,880 rows of 7, of which 5000 are candidates.
      let graph = try StandInNetwork.graph(height: 680, width: 679, classCount: 2)
      var random = SeededGenerator(seed: 33)
      let rowCount = 3 * 680 * 679 / 7
      var rows: [Float] = []
      for index in 0..<rowCount {
        let isLoud = index < 5000
        let x = Float(random.next() % 600)
        rows += [x, Float(random.next() % 600), 20, 20, isLoud ? 0.9 : 0, 0.8, 0.1]
      }
      StandInNetwork.answer(rows)
      var found: [[Detection]] = []
      for processing in [GPUProcessing.on, .off] {
        let plan = try await StandInNetwork.plan(graph, processing: processing)
        let session = try Detector(plan: plan).makeSession()
        found.append(try session.detect(Image(width: 680, height: 679)).detections)
        if processing == .on { #expect(try !Self.chooses(session)) }
      }
      #expect(found[0] == found[1])
      #expect(!found[0].isEmpty)
    }
  }
}
