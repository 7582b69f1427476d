import Files
import FoundationEssentials
import Metrics

/// What a calibration has seen so far: of one worker, or of all, and then kept in a file so that a
/// stopped run can go on.
struct CalibrationState: Sendable, Codable {
  /// Model, values and pictures, digested.
  let key: String
  /// 0: ranges, 1: distributions, 2: done.
  var round = 0
  /// The pictures of this round that were looked at.
  var done = 0
  /// Least and greatest element.
  var ranges: [String: [Float]] = [:]
  var histograms: [String: CalibrationHistogram] = [:]
  /// The sum of the channels' means over the pictures that were counted.
  var sums: [String: [Double]] = [:]
  var counted = 0
  /// Of one worker, by picture: added in order, so that the result does not depend on who was faster.
  private var shares: [Int: [String: [Double]]] = [:]

  private enum CodingKeys: String, CodingKey {
    case key, round, done, ranges, histograms, sums, counted
  }

  init(key: String) { self.key = key }

  /// The unfinished work of the same run; nil where there is none, or of another.
  static func read(_ path: String?, key: String) -> CalibrationState? {
    guard let path, let file = try? MappedFile(path: path), file.count < 1 << 30,
      let state = withExtendedLifetime(
        file,
        { try? JSONDecoder().decode(CalibrationState.self, from: Data(file.bytes)) }
      ),
      state.key == key, (0...1).contains(state.round), state.done >= 0,
      state.ranges.values.allSatisfy({ $0.count == 2 }),
      state.histograms.allSatisfy({ value, histogram in
        histogram.isSound && state.ranges[value] == [histogram.least, histogram.greatest]
      })
    else { return nil }
    return state
  }

  func write(to path: String?) throws {
    guard let path, round < 2 else { return }
    try AtomicFile.write(Array(try JSONEncoder().encode(self)), to: path)
  }

  mutating func addSums(
    _ value: String,
    _ elements: UnsafeBufferPointer<Float>,
    channels: Int,
    _ place: Int
  ) {
    let count = elements.count / max(1, channels)
    guard count > 0 else { return }
    let means = (0..<channels).map { channel in
      ElementStatistics.mean(
        UnsafeBufferPointer(rebasing: elements[channel * count..<(channel + 1) * count])
      )
    }
    shares[place, default: [:]][value] = means
  }

  /// Takes in what workers saw of some pictures.
  mutating func merge(_ others: [CalibrationState], of range: Range<Int>) throws {
    for other in others {
      for (value, range) in other.ranges {
        let known = ranges[value] ?? range
        ranges[value] = [min(known[0], range[0]), max(known[1], range[1])]
      }
      for (value, histogram) in other.histograms {
        if histograms[value] == nil {
          histograms[value] = histogram
        } else {
          histograms[value]?.merge(histogram)
        }
      }
    }
    let all = others.reduce(into: [Int: [String: [Double]]]()) {
      $0.merge($1.shares) { first, _ in first }
    }
    for place in range {
      guard let share = all[place] else { continue }
      counted += 1
      for (value, means) in share {
        let known = sums[value] ?? [Double](repeating: 0, count: means.count)
        guard known.count == means.count else { continue }
        sums[value] = zip(known, means).map(+)
      }
    }
  }

  mutating func beginNextRound() {
    round += 1
    done = 0
  }

  /// The mean of each channel of a value.
  func means(_ value: String) -> [Float] {
    (sums[value] ?? []).map { Float($0 / Double(max(1, counted))) }
  }
}
