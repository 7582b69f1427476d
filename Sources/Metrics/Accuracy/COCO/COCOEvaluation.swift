/// What COCO's evaluation found: precision and recall for each class, overlap, range of areas and
/// number of detections, and the figures that follow.
public struct COCOEvaluation: Sendable {
  /// One class, one range of areas, one number of detections.
  struct Cell: Sendable {
    /// Precision at the 101 recalls, for each of the ten overlaps: [10][101].
    var precisions: [[Double]]
    /// The greatest recall, for each overlap.
    var recalls: [Double]
  }

  /// Class names by class index.
  public let classNames: [String]
  /// How many pictures were judged.
  public let pictureCount: Int
  let tables: [COCOTable]
  /// [classes][areas][limits]; nil where nothing is to be found.
  private let cells: [[[Cell?]]]

  init(tables: [COCOTable], classNames: [String], pictureCount: Int) {
    self.tables = tables
    self.classNames = classNames
    self.pictureCount = pictureCount
    cells = tables.map { table in
      COCORules.areas.indices.map { area in
        COCORules.limits.map { Self.cell(table, area, limit: $0) }
      }
    }
  }

  /// The twelve figures in pycocotools' order and with its values; -1 where nothing is defined.
  public var figures: [AccuracyFigure] {
    let (half, threeQuarters) = (COCORules.half, COCORules.threeQuarters)
    return [
      AccuracyFigure("AP", precision()), AccuracyFigure("AP50", precision(overlap: half)),
      AccuracyFigure("AP75", precision(overlap: threeQuarters)),
      AccuracyFigure("APsmall", precision(area: 1)), AccuracyFigure("APmedium", precision(area: 2)),
      AccuracyFigure("APlarge", precision(area: 3)), AccuracyFigure("AR1", recall(limit: 0)),
      AccuracyFigure("AR10", recall(limit: 1)), AccuracyFigure("AR100", recall()),
      AccuracyFigure("ARsmall", recall(area: 1)), AccuracyFigure("ARmedium", recall(area: 2)),
      AccuracyFigure("ARlarge", recall(area: 3)),
    ]
  }

  /// Mean precision over classes, recalls and overlaps (or one overlap); -1 where undefined.
  func precision(classIndex: Int? = nil, area: Int = 0, overlap: Int? = nil) -> Double {
    var (sum, count) = (0.0, 0)
    for cell in cells(classIndex, area, 2) {
      for (index, precisions) in cell.precisions.enumerated() where overlap ?? index == index {
        // Summed row by row: shorter sums lose less.
        sum += precisions.reduce(0, +)
        count += precisions.count
      }
    }
    return count == 0 ? -1 : sum / Double(count)
  }

  /// Mean recall over classes and overlaps; -1 where undefined.
  func recall(classIndex: Int? = nil, area: Int = 0, limit: Int = 2) -> Double {
    var (sum, count) = (0.0, 0)
    for cell in cells(classIndex, area, limit) {
      sum += cell.recalls.reduce(0, +)
      count += cell.recalls.count
    }
    return count == 0 ? -1 : sum / Double(count)
  }

  /// Precision at the 101 recalls, averaged over classes and overlaps (or one of each); nil where
  /// nothing is to be found.
  func curve(classIndex: Int? = nil, overlap: Int? = nil) -> [Double]? {
    var sums = [Double](repeating: 0, count: COCORules.recalls.count)
    var count = 0.0
    for cell in cells(classIndex, 0, 2) {
      for (index, precisions) in cell.precisions.enumerated() where overlap ?? index == index {
        for place in sums.indices { sums[place] += precisions[place] }
        count += 1
      }
    }
    return count == 0 ? nil : sums.map { $0 / count }
  }

  private func cells(_ classIndex: Int?, _ area: Int, _ limit: Int) -> [Cell] {
    let classes = classIndex.map { $0..<$0 + 1 } ?? cells.indices
    return classes.compactMap { cells[$0][area][limit] }
  }

  private static func cell(_ table: COCOTable, _ area: Int, limit: Int) -> Cell? {
    let outcomes = table.outcomes[area]
    let positives = outcomes.positiveCount
    guard table.isMentioned, positives > 0 else { return nil }
    let places = table.ranks.indices.filter { Int(table.ranks[$0]) < limit }
    var cell = Cell(precisions: [], recalls: [])
    for overlap in COCORules.overlaps.indices {
      let bit = UInt16(1) << UInt16(overlap)
      var (right, wrong) = (0, 0)
      var precisions: [Double] = []
      var recalls: [Double] = []
      for place in places {
        let isMatched = outcomes.matched[place] & bit != 0
        if outcomes.ignored[place] & bit == 0 {
          if isMatched { right += 1 } else { wrong += 1 }
        }
        recalls.append(Double(right) / Double(positives))
        // pycocotools adds the distance from 1 to the next number, which only matters for 0 / 0.
        precisions.append(right + wrong == 0 ? 0 : Double(right) / Double(right + wrong))
      }
      cell.recalls.append(recalls.last ?? 0)
      cell.precisions.append(Self.read(&precisions, recalls))
    }
    return cell
  }

  /// The envelope of precision, read at the 101 recalls; 0 beyond the last.
  private static func read(_ precisions: inout [Double], _ recalls: [Double]) -> [Double] {
    for place in precisions.indices.dropFirst().reversed()
    where precisions[place] > precisions[place - 1] {
      precisions[place - 1] = precisions[place]
    }
    var place = 0
    return COCORules.recalls.map { wanted in
      while place < recalls.count, recalls[place] < wanted { place += 1 }
      return place < precisions.count ? precisions[place] : 0
    }
  }
}
