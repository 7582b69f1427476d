import Glibc
import Passes

extension CalibrationTask {
  static let taughtForms: Set<String> = ["pictures: without faulty ones; ranges: all that is seen"]

  /// Of the cases that leave the method free: which pictures were taken, and how much of what is seen on them lies beyond the ranges. The
  /// gain is the part of the noise's amplitude that ranges over all good pictures, faulty pixels included, would add.
  func choice(_ answer: Answer, _ problem: Problem) -> CaseChoice? {
    guard problem.group == "outliers" else { return nil }
    let all = problem.kinds.indices.filter { problem.kinds[$0] == .good }
    let faulty = Set(all.filter { $0 % 4 == 1 })
    let taken = answer.set.count(where: faulty.contains)
    let pictures =
      taken == 0 ? "without faulty ones" : taken == faulty.count ? "all" : "some faulty ones"
    let beyond = answer.scales.keys.sorted().compactMap { name in
      problem.values[name].flatMap { rows in
        answer.scales[name].map {
          Self.shareBeyond($0, answer.set.map { rows[$0] }, problem.scheme)
        }
      }
    }.sorted()
    let share = beyond.isEmpty ? 0 : beyond[beyond.count / 2]
    let ranges =
      switch share {
      case ...0: "all that is seen"
      case ..<0.0005: "without 0.05 %"
      case ..<0.005: "without 0.5 %"
      default: "without more"
      }
    let plain = try? Self.answer(problem, all, Self.ranges(problem, all), problem.scheme)
    let gain = plain.map { plain in
      1 - pow(10, (quality(plain, problem) - quality(answer, problem)) / 20)
    }
    return CaseChoice(features: "pictures: \(pictures); ranges: \(ranges)", gain: gain)
  }

  /// The share of numbers that a scale cuts off, beyond half a step.
  private static func shareBeyond(
    _ scale: Scale,
    _ rows: [[Float]],
    _ scheme: QuantizationScheme
  ) -> Double {
    let step = scale.scale
    let (least, most) =
      scheme == .symmetric
      ? (-127.5 * step, 127.5 * step)
      : (-(Double(scale.zero) + 0.5) * step, (255.5 - Double(scale.zero)) * step)
    var (cut, count) = (0, 0)
    for row in rows {
      for number in row where !(least * 1.005...most * 1.005).contains(Double(number)) { cut += 1 }
      count += row.count
    }
    return count > 0 ? Double(cut) / Double(count) : 0
  }
}
