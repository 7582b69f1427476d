import Images

extension Scene {
  /// Each object's visible pixels as COCO counts them: column by column from the left, each column
  /// from the top, the lengths of alternating runs outside and inside, beginning outside.
  ///
  /// In the order of `objects`; the lengths add up to the picture's pixels, and only the first can
  /// be 0. Source: https://cocodataset.org/#format-data, "Object Detection", run-length encoding.
  public var runs: [[Int]] {
    var runs = [[Int]](repeating: [], count: objects.count)
    var ends = [Int](repeating: 0, count: objects.count)
    let (width, height) = (image.width, image.height)
    var (owner, start, place) = (0, 0, 0)
    func close() {
      guard owner > 0 else { return }
      runs[owner - 1].append(start - ends[owner - 1])
      runs[owner - 1].append(place - start)
      ends[owner - 1] = place
    }
    for x in 0..<width {
      for y in 0..<height {
        let next = Int(owners[y * width + x])
        if next != owner {
          close()
          (owner, start) = (next, place)
        }
        place += 1
      }
    }
    close()
    for index in runs.indices where ends[index] < place { runs[index].append(place - ends[index]) }
    return runs
  }
}
