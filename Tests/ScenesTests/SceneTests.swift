import Diagnostics
import Images
import Scenes
import Testing

struct SceneTests {
  @Test("the same seed and index give the same picture, on every machine")
  func determinism() throws {
    let scene = try Scene(seed: 7, index: 3, options: SceneOptions(width: 97, height: 61))
    let again = try Scene(seed: 7, index: 3, options: SceneOptions(width: 97, height: 61))
    #expect(scene.image == again.image)
    #expect(scene.objects == again.objects)
    #expect(fingerprint(scene.image.pixels) == 658_536_268_254_375_433)
  }

  @Test("another seed or index gives another picture")
  func difference() throws {
    let options = SceneOptions(width: 64, height: 64)
    let scenes = try [(1, 0), (2, 0), (1, 1)].map {
      try Scene(seed: $0.0, index: $0.1, options: options).image
    }
    #expect(Set(scenes).count == 3)
  }

  @Test("every box is the tightest round its mask, and the bounds on size and hiding hold")
  func boxes() throws {
    for index in 0..<40 {
      let scene = try Scene(seed: 11, index: index, options: SceneOptions(width: 200, height: 150))
      for (place, object) in scene.objects.enumerated() {
        let pixels = scene.owners.indices.filter { scene.owners[$0] == place + 1 }
        let columns = Set(pixels.map { $0 % 200 })
        let rows = Set(pixels.map { $0 / 200 })
        #expect(object.area == pixels.count)
        #expect(object.x == columns.min())
        #expect(object.x + object.width - 1 == columns.max())
        #expect(object.y == rows.min())
        #expect(object.y + object.height - 1 == rows.max())
        #expect(object.visibleShare >= 0.7 && object.visibleShare <= 1)
        #expect(max(object.width, object.height) <= 77)
      }
    }
  }

  @Test("runs give every object's visible pixels, column by column, holes left out")
  func runs() throws {
    let (width, height) = (200, 150)
    var rings = 0
    for index in 0..<40 {
      let scene = try Scene(seed: 11, index: index, options: SceneOptions(width: 200, height: 150))
      #expect(scene.runs.count == scene.objects.count)
      for (place, runs) in scene.runs.enumerated() {
        let object = scene.objects[place]
        #expect(runs.reduce(0, +) == width * height)
        #expect(runs.dropFirst().allSatisfy { $0 > 0 })
        var inside = Set<Int>()
        var start = 0
        for (number, count) in runs.enumerated() {
          if number % 2 == 1 {
            for pixel in start..<(start + count) {
              inside.insert(pixel % height * width + pixel / height)
            }
          }
          start += count
        }
        #expect(inside == Set(scene.owners.indices.filter { scene.owners[$0] == place + 1 }))
        let middle = (object.y + object.height / 2) * width + object.x + object.width / 2
        if object.shape == .ring, object.visibleShare == 1, !inside.contains(middle) { rings += 1 }
      }
    }
    #expect(rings > 0)
  }

  @Test("every class appears")
  func classes() throws {
    let shapes = try (0..<30).flatMap { try Scene(seed: 5, index: $0).objects.map(\.shape) }
    #expect(Set(shapes) == Set(ShapeClass.allCases))
  }

  @Test("impossible options are refused", arguments: [(8, 64), (64, 9000), (-1, 64)])
  func options(size: (Int, Int)) {
    let error = #expect(throws: DeployError.self) {
      try Scene(seed: 1, index: 0, options: SceneOptions(width: size.0, height: size.1))
    }
    #expect(error?.id == .sceneInvalidOptions)
  }
}

/// FNV-1a, 64 bits.
func fingerprint(_ bytes: [UInt8]) -> UInt64 {
  bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
}
