import Backends
import BackendsTensorRT
import Detectors
import Diagnostics
import Graphs
import Images
import Tensors
import TestSupport
import Testing

extension StandInTests {
  @Suite("Pictures scaled by the kernels equal the processor's, bit for bit")
  struct GPULetterboxTests {
    /// Sizes of pictures: ordinary, odd, of one pixel, much wider than high, as large as the input.
    static let sizes = [
      (1, 1), (4000, 31), (31, 4000), (70, 64), (35, 32), (140, 128), (37, 53), (2, 4000),
      (640, 427),
      (71, 65), (69, 63), (1, 64), (70, 1), (3, 2),
    ]

    private func check(
      _ images: [Image],
      height: Int,
      width: Int,
      type: ScalarType,
      preprocessing: ModelContract.Preprocessing = .init()
    ) async throws {
      var graph = try StandInNetwork.graph(
        batch: images.count,
        height: height,
        width: width,
        classCount: 2,
        type: type
      )
      graph.contract?.preprocessing = preprocessing
      let detector = try Detector(plan: try await StandInNetwork.plan(graph))
      let session = try detector.makeSession()
      StandInNetwork.answer([UInt8](repeating: 0, count: 4 * 3 * images.count * height * width))
      _ = try session.detect(images)
      let expected = TensorBuffer(shape: [images.count, 3, height, width], scalarType: type)
      for (index, image) in images.enumerated() {
        try detector.letterbox.write(
          image,
          to: expected,
          at: index,
          preprocessing: preprocessing,
          using: LetterboxWorkspace()
        )
      }
      #expect(StandInNetwork.input.elementsEqual(expected.bytes), "\(images.map(\.width))")
      #expect(StandInControls.faults == 0)
    }

    @Test("one picture of every size", arguments: [ScalarType.float32, .float16])
    func sizes(_ type: ScalarType) async throws {
      var random = SeededGenerator(seed: 20)
      for (width, height) in Self.sizes {
        let image = Image.noise(width, height, &random)
        try await check([image], height: 64, width: 70, type: type)
      }
    }

    @Test("several pictures of different sizes in one batch, and other inputs than level / 255")
    func batch() async throws {
      var random = SeededGenerator(seed: 21)
      let images = Self.sizes.prefix(5).map { Image.noise($0.0, $0.1, &random) }
      try await check(images, height: 64, width: 70, type: .float32)
      var other = ModelContract.Preprocessing()
      other.channelOrder = "BGR"
      other.mean = [0.485, 0.456, 0.406]
      other.deviation = [0.229, 0.224, 0.225]
      try await check(images, height: 63, width: 70, type: .float32, preprocessing: other)
      try await check(images, height: 64, width: 77, type: .float16, preprocessing: other)
    }

    @Test("random sizes, with threads in rising and in falling order")
    func random() async throws {
      var random = SeededGenerator(seed: 22)
      defer { StandInControls.set() }
      for round in 0..<12 {
        StandInControls.set(isReversed: round % 2 == 1)
        let size = { (random: inout SeededGenerator) in Int(random.next() % 300) + 1 }
        let image = Image.noise(size(&random), size(&random), &random)
        let (height, width) = (Int(random.next() % 60) + 8, 7 * (Int(random.next() % 12) + 1))
        try await check([image], height: height, width: width, type: .float32)
      }
    }

    @Test("evaluation's scaling by area stays on the processor, with the same result")
    func area() async throws {
      var random = SeededGenerator(seed: 23)
      let graph = try StandInNetwork.graph(height: 64, width: 70, classCount: 2)
      var options = Detector.Options()
      options.rule = .evaluation
      let detector = try Detector(plan: try await StandInNetwork.plan(graph), options: options)
      let image = Image.noise(300, 200, &random)
      StandInNetwork.answer([Float](repeating: 0, count: 3 * 64 * 70))
      _ = try detector.makeSession().detect(image)
      let expected = TensorBuffer(shape: [1, 3, 64, 70], scalarType: .float32)
      try detector.letterbox.write(image, to: expected, using: LetterboxWorkspace())
      #expect(StandInNetwork.input.elementsEqual(expected.bytes))
    }

    @Test("what does not fit is refused before anything is copied")
    func refusals() async throws {
      let graph = try StandInNetwork.graph(height: 64, width: 70, classCount: 2)
      let session = try await StandInNetwork.plan(graph).makeSession()
      let pictures = try #require(session as? any PictureSession)
      let sound = PicturePlacement.Mix(first: 0, second: 0, firstWeight: 2048, secondWeight: 0)
      let placement = PicturePlacement(
        sourceWidth: 2,
        sourceHeight: 1,
        left: 0,
        top: 0,
        columns: [sound],
        rows: [sound]
      )
      func place(
        _ count: Int,
        _ placement: PicturePlacement,
        at index: Int = 0,
        _ shape: Shape = [1, 3, 64, 70]
      ) -> DeployError? {
        let bytes = [UInt8](repeating: 0, count: count)
        do {
          try bytes.withUnsafeBufferPointer {
            try pictures.place($0, placement, at: index, shape: shape)
          }
          return nil
        } catch { return error as? DeployError }
      }
      #expect(place(6, placement)?.id == .backendUnknownBinding)
      let rules = PictureRules(
        input: "images",
        values: (0..<768).map { Float($0 % 256) },
        channels: [0, 1, 2],
        padLevel: 114,
        selection: nil
      )
      #expect(try pictures.prepare(rules).takesPictures)
      #expect(place(5, placement)?.id == .backendShapeMismatch)
      #expect(place(6, placement, at: 1)?.id == .backendShapeMismatch)
      #expect(place(6, placement, at: -1)?.id == .backendShapeMismatch)
      #expect(place(6, placement, [1, 3, 64, 71])?.id == .backendShapeMismatch)
      var outside = placement
      outside.columns = [.init(first: 2, second: 0, firstWeight: 2048, secondWeight: 0)]
      #expect(place(6, outside)?.id == .backendShapeMismatch)
      outside = placement
      outside.rows = [.init(first: 0, second: 0, firstWeight: 4096, secondWeight: 0)]
      #expect(place(6, outside)?.id == .backendShapeMismatch)
      outside = placement
      outside.left = 70
      #expect(place(6, outside)?.id == .backendShapeMismatch)
      #expect(place(6, placement) == nil)
      // What was refused has left nothing behind: one black pixel, grey around it.
      try session.run(observer: nil)
      let values = StandInNetwork.input.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
      let plane = [0] + [Float](repeating: 114, count: 64 * 70 - 1)
      #expect(values == plane + plane + plane)
    }
  }
}
