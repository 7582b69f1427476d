import Datasets
import Metrics

extension CalibrationFindings {
  private mutating func find(_ name: String, _ isProblem: Bool, _ words: String, _ remedy: String) {
    findings.append(Finding(name, isProblem: isProblem, words, remedy: remedy))
  }

  /// What pictures alone show.
  mutating func judge(_ looks: [PictureLook]) {
    let count = looks.count
    if count < 16 {
      find(
        "few-pictures",
        count < 2,
        "\(count) pictures may miss what the network will see",
        "give 64 to a few hundred"
      )
    }
    let different = Set(looks.map(\.digest)).count
    if different < count {
      find(
        "repeated-pictures",
        different * 2 < count,
        "only \(different) of \(count) pictures differ",
        "give each picture once"
      )
    }
    let black = looks.filter { $0.mean < 10 && $0.isFeatureless }.count
    if black * 10 > count {
      find(
        "black-pictures",
        true,
        "\(black) of \(count) pictures are black",
        "give pictures of what the network will see; check how these were read"
      )
    }
    let featureless = looks.filter(\.isFeatureless).count - black
    if featureless * 10 > count {
      find(
        "featureless-pictures",
        true,
        "\(featureless) of \(count) pictures show nothing but one colour",
        "give pictures of what the network will see"
      )
    }
    let bins = Set(looks.filter { !$0.isFeatureless }.map { Int($0.mean) / 64 })
    if count >= 16, bins.count == 1 {
      find(
        "one-brightness",
        false,
        "all pictures are about equally bright",
        "add darker and brighter ones, if the network will see such"
      )
    }
  }

  /// What is found in them.
  mutating func judge(_ objects: [[Prediction]], classNames: [String]) {
    var counts: [Int: Int] = [:]
    var bySize: [String: Int] = [:]
    for object in objects.lazy.flatMap({ $0 }) {
      counts[object.classIndex, default: 0] += 1
      bySize[CalibrationSuggestion.size(object.area), default: 0] += 1
    }
    classes = counts.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.map {
      Count(classNames.indices.contains($0.key) ? classNames[$0.key] : "\($0.key)", $0.value)
    }
    sizes = ["small", "medium", "large"].map { Count($0, bySize[$0] ?? 0) }
    let all = counts.values.reduce(0, +)
    guard all > 0 else {
      find(
        "nothing-found",
        true,
        "the float network finds nothing in the pictures",
        "give pictures of what the network was trained for"
      )
      return
    }
    if classNames.count > 1, let most = classes.first, all >= 10, most.count * 5 >= all * 4 {
      find(
        "one-class",
        true,
        "\(most.count) of \(all) objects are of the class '\(most.name)', and the network knows "
          + "\(classNames.count)",
        "add pictures of the other classes"
      )
    }
    for size in sizes where all >= 50 && size.count * 50 < all {
      find(
        "no-\(size.name)-objects",
        false,
        "\(size.count) of \(all) objects are \(size.name)",
        "add pictures with such, if the network will see them"
      )
    }
  }

  /// What ranges clip.
  mutating func judgeSaturation() {
    let much = saturation.filter { $0.clippedShare > 0.01 }
    guard let worst = much.first else { return }
    find(
      "saturated-values",
      worst.clippedShare > 0.05,
      "\(much.count) values lose more than a hundredth of their elements; worst: "
        + "\(worst.value), \((worst.clippedShare * 1000).rounded() / 10) %",
      "choose another method, such as percentile or lp"
    )
  }

  /// Whether another method would be better.
  mutating func judgeMethods() {
    guard let best = methods.max(by: { $0.agreement < $1.agreement }),
      let own = methods.first(where: { $0.name == method.rawValue }),
      best.agreement > own.agreement + 0.01
    else { return }
    let rounded = { (value: Double) in (value * 1e4).rounded() / 1e4 }
    find(
      "better-method",
      false,
      "\(best.name) agrees with the float network to \(rounded(best.agreement)), \(own.name) to "
        + "\(rounded(own.agreement))",
      "use --method \(best.name)"
    )
  }
}
