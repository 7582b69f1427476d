import Backends
import Detectors
import Diagnostics
import Metrics
import Passes

@testable import Reports

/// A report that has everything, each text being `word`.
enum FullReport {
  static func make(_ word: String = "x") -> Report {
    var report = ReportTests.report(word)
    report.structure = structure(word)
    report.timelines = [timeline(word)]
    report.profiles = [profile(word)]
    report.accuracy = [accuracy(word)]
    report.benchmarks = [benchmark(word)]
    report.verdicts = [verdict(word)]
    report.frameworks = frameworks(word)
    report.precision = precision(word)
    report.quantization = quantization(word)
    report.attribution = attribution(word)
    report.memory = memory(word)
    return report
  }

  static func quantization(_ word: String) -> QuantizationRecord {
    var record = QuantizationRecord()
    var sensitivity = SensitivityRecord(
      model: word,
      dataset: word,
      pictureCount: 2,
      method: .mse,
      scheme: .asymmetric,
      threadCount: 1,
      floatAveragePrecision: 0.5,
      budget: 0.01
    )
    sensitivity.layers = [
      LayerSensitivity(
        name: word,
        module: word,
        agreement: 0.9,
        averagePrecision: 0.49,
        savedMilliseconds: 0.5,
        share: 1
      )
    ]
    sensitivity.plans = [(0, 0.48, 2.0), (1, 0.5, 4.0)].map { count, value, time in
      PrecisionPlan(
        kept: [String](repeating: word, count: count),
        averagePrecision: value,
        agreement: 0.9,
        milliseconds: time,
        quantizedShare: 1 - Double(count)
      )
    }
    sensitivity.chosen = 1
    record.sensitivity = sensitivity
    record.proof = proof(word)
    var findings = CalibrationFindings(model: word, pictureCount: 2, method: .mse)
    findings.findings = [.init("not-scaled", isProblem: true, word, remedy: word)]
    findings.classes = [.init(word, 2)]
    findings.sizes = [.init("small", 2)]
    findings.brightness = [.init("0 … 63", 2)]
    findings.saturation = [.init(value: word, clippedShare: 0.1, spanShare: 0.5)]
    findings.methods = [.init("mse", agreement: 0.9, averagePrecision: nil)]
    findings.pictureCounts = [.init("4", agreement: 0.8, averagePrecision: nil)]
    findings.suggested = [word]
    record.calibration = findings
    let change = PrecisionMeasurement.Change(value: -0.01, lower: -0.02, upper: 0)
    var ledger = AccuracyLedger(model: word, dataset: word, pictureCount: 2, backend: word)
    ledger.calibrationPictures = [word]
    ledger.judgedPictures = [word]
    ledger.entries = ["rect", "square", "resize", "onnx", "bf16", "int8", "nms"].map {
      .init(step: $0, averagePrecision: 0.5, change: $0 == "rect" ? nil : change)
    }
    ledger.classes = [.init(name: word, instanceCount: 1, before: 0.5, after: -1)]
    ledger.sizes = [
      .init(name: "small", instanceCount: 1, before: 0.5, after: 0.4, change: change)
    ]
    record.ledger = ledger
    var bisection = Bisection(
      reference: word,
      model: word,
      pictureCount: 2,
      wrongPictureCount: 1
    )
    bisection.picture = word
    bisection.layer = .init(name: word, module: word, error: 0.1)
    bisection.suspects = [.init(name: word, module: word, error: 0.1)]
    record.bisection = bisection
    return record
  }

  private static func proof(_ word: String) -> PrecisionProof {
    var proof = PrecisionProof(model: word, backend: word, version: word)
    proof.layers = [
      PrecisionProof.Layer(
        place: word,
        asked: "int8",
        executed: "float32",
        tactic: word,
        operations: 10,
        milliseconds: 1
      )
    ]
    proof.reformats = [PrecisionProof.Reformat(place: word, tactic: word, milliseconds: 1)]
    proof.islands = [PrecisionProof.Island(places: [word], milliseconds: 1, reformatCount: 1)]
    return proof
  }

  static func structure(_ word: String) -> StructureRecord {
    func node(_ index: Int, _ modules: [String]) -> StructureRecord.Node {
      var node = StructureRecord.Node(name: "\(word)\(index)", operatorName: word, modules: modules)
      node.output = word
      node.attributes = word
      node.operations = 10
      node.byteCount = 20
      node.precision = word
      node.milliseconds = Double(index)
      return node
    }
    var record = StructureRecord()
    record.stages = StructureRecord.Kind.allCases.map { kind in
      StructureRecord.Stage(
        kind,
        name: word,
        nodes: [node(0, ["model.0"]), node(1, ["model.1", word])],
        edges: [[0, 1]]
      )
    }
    record.links = (0..<3).flatMap { stage in
      (0..<2).map { StructureRecord.Link(stage: stage, from: $0, to: $0) }
    }
    record.steps = [
      StructureRecord.Step(
        number: 1,
        pass: word,
        rule: word,
        reason: word,
        before: [word],
        after: [word],
        sources: [0],
        results: [0, 1]
      )
    ]
    return record
  }

  static func timeline(_ word: String) -> Timeline {
    Timeline(
      title: word,
      lanes: [word, "engine"],
      spans: [
        Timeline.Span(word, .decode, lane: 0, start: 0, duration: 2, picture: 0),
        Timeline.Span("run", .compute, lane: 1, start: 2, duration: 4, after: [0]),
        Timeline.Span(
          word,
          .layer,
          lane: 1,
          start: 2,
          duration: 3,
          parent: 1,
          arguments: [word: word]
        ),
      ],
      instants: [Timeline.Instant(word, lane: 0, time: 1)]
    )
  }

  static func profile(_ word: String) -> LayerProfile {
    let peaks = MachinePeaks(
      processor: word,
      threadCount: 1,
      arithmetic: [.init(precision: "float32", gigaOperationsPerSecond: 100, method: word)],
      memoryGigabytesPerSecond: 10,
      cacheGigabytesPerSecond: 100,
      cacheByteCount: 1000,
      method: word
    )
    let layers = (0..<2).map { index in
      LayerMeasurement(
        name: word,
        tactic: word,
        modules: ["model.\(index)"],
        nodes: [word],
        operators: [word],
        precision: "float32",
        milliseconds: 1,
        operations: 1_000_000,
        bytesRead: 1000,
        bytesWritten: 1000,
        roofline: RooflinePoint(
          operations: 1_000_000,
          bytes: 2000,
          milliseconds: 1,
          precision: "float32",
          peaks: peaks
        )
      )
    }
    return LayerProfile(
      model: word,
      backend: word,
      version: word,
      source: word,
      inputShape: [1, 3, 64, 64],
      threadCount: 1,
      runCount: 3,
      precision: "float32",
      layers: layers,
      totalMilliseconds: 2.5,
      unobservedMilliseconds: 2.4,
      peaks: peaks
    )
  }

  static func accuracy(_ word: String) -> AccuracyRecord {
    let interval = AccuracyInterval(lower: 0.4, upper: 0.6, level: 0.95, resampleCount: 10)
    var boxes = DetectionAccuracy(
      coco: [AccuracyFigure("AP", 0.5, interval: interval), AccuracyFigure("APsmall", -1)],
      yolo: [AccuracyFigure("mAP50", 0.7)],
      bestConfidence: 0.3
    )
    var row = ClassAccuracy(index: 0, name: word, pictureCount: 1, instanceCount: 2)
    row.cocoAP = 0.5
    boxes.classes = [row]
    boxes.sizes = [
      SizeAccuracy(
        name: "small",
        minimumArea: 0,
        maximumArea: 1024,
        instanceCount: 1,
        averagePrecision: -1,
        averagePrecision50: -1,
        averageRecall: -1
      )
    ]
    boxes.curves = AccuracyCurves(
      confidences: [0, 0.5, 1],
      recalls: [0, 0.5, 1],
      curves: AccuracyCurves.Kind.allCases.map {
        AccuracyCurves.Curve(kind: $0, classIndex: nil, values: [1, 0.5, 0])
      }
    )
    boxes.confusion = ConfusionMatrix(counts: [[3, 1], [2, 0]], confidence: 0.25, overlap: 0.45)
    let dataset = DatasetSummary(
      name: word,
      format: "coco",
      pictureCount: 2,
      instanceCount: 3,
      classNames: [word]
    )
    var record = AccuracyRecord(task: "detect", dataset: dataset)
    record.model = word
    record.boxes = boxes
    record.speed = EvaluationSpeed(pictureCount: 2, workerCount: 1)
    return record
  }

  static func benchmark(_ word: String) -> BenchmarkRecord {
    var record = BenchmarkRecord(label: word, model: word, backend: word)
    let times = (0..<40).map { 10 + Double($0 % 7) }
    record.engine = LatencySeries(
      milliseconds: times,
      seconds: times.indices.map { Double($0) / 100 }
    )
    record.parts = [BenchmarkRecord.Part(name: word, milliseconds: 2)]
    record.engineThroughput = 90
    record.warnings = [word]
    return record
  }

  static func verdict(_ word: String) -> Verdict {
    Verdict(
      baseline: word,
      candidate: word,
      quantity: word,
      blocks: (0..<10).map { index in
        InterleavedBlock(
          baseline: [10 + Double(index) / 100, 10],
          candidate: [9, 9 + Double(index) / 100]
        )
      }
    )
  }

  static func frameworks(_ word: String) -> FrameworkComparison {
    var measured = FrameworkMeasurement(engine: word, title: word, version: word)
    measured.latency = LatencySummary(milliseconds: [1, 2, 3])
    measured.throughput = 500
    return FrameworkComparison(
      model: word,
      inputShape: [1, 3, 64, 64],
      inputs: word,
      threadCount: 1,
      precision: word,
      method: word,
      engines: [
        measured, FrameworkMeasurement(engine: word, title: word, absence: word, remedy: word),
      ],
      comparisons: [
        FrameworkRatio(
          baseline: word,
          engine: word,
          ratio: 1.1,
          lower: 1,
          upper: 1.2,
          verdict: word
        )
      ],
      fairness: [FairnessCheck(name: word, passes: false, figures: [word: word], verdict: word)]
    )
  }

  static func precision(_ word: String) -> PrecisionComparison {
    var row = PrecisionMeasurement(precision: word, form: word)
    row.averagePrecision = 0.5
    row.byteCount = 1000
    row.change = PrecisionMeasurement.Change(value: -0.01, lower: -0.02, upper: 0)
    return PrecisionComparison(
      model: word,
      dataset: word,
      pictureCount: 2,
      backend: word,
      backendVersion: word,
      inputShape: [1, 3, 64, 64],
      threadCount: 1,
      method: word,
      rows: [row, PrecisionMeasurement(precision: "int8", form: word, absence: word)]
    )
  }

  static func memory(_ word: String) -> PlanMemory {
    PlanMemory(
      peakByteCount: 3000,
      summedByteCount: 4000,
      layers: [word, word, word],
      surfaces: [(0, 0, 1), (1000, 1, 2), (0, 2, 2)].map { offset, first, last in
        PlanMemory.Surface(
          name: word,
          element: word,
          offset: offset,
          byteCount: 1000,
          firstLayer: first,
          lastLayer: last,
          isExclusive: false,
          parts: [word]
        )
      }
    )
  }

  static func attribution(_ word: String) -> Attribution {
    let measurement = AttributionMeasurement(
      steps: [(word, word)],
      kinds: [word],
      chain: [[10, 8], [10, 8], [11, 8]],
      leavingOut: [[10], [10], [10]]
    )
    let summary = measurement.summary()
    let none = Attribution.TimeInterval(value: 0, lower: 0, upper: 0)
    return Attribution(
      model: word,
      backend: word,
      backendVersion: word,
      inputShape: [1, 3, 64, 64],
      threadCount: 1,
      method: word,
      start: summary?.start ?? none,
      end: summary?.end ?? none,
      bars: summary?.bars ?? [],
      kinds: summary?.kinds,
      speedup: summary?.speedup ?? none
    )
  }
}
