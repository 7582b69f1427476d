import Backends
import Images

extension BuildTask {
  /// What the plan was built with, above what was asked for; then its layers in order with their kernels, a bar
  /// for the memory of the values in use and one behind it for scratch memory; a line where the cap is.
  func picture(_ answer: Answer, _ expected: Answer, _ problem: Problem) -> Image? {
    let rows = 5 + answer.layers.count
    var chart = Chart(width: 420, height: 24 + 10 * rows)
    func state(_ row: Int, _ isRight: Bool, _ words: String) {
      // Colours alone are not enough.
      let sign = isRight ? "   " : " ! "
      chart.bar(row: row, from: 0, to: 0.015, isRight ? 2 : 1, text: sign + words)
    }
    let isThere = answer.hasPlan == expected.hasPlan && answer.problem == nil
    state(0, isThere, answer.hasPlan ? "a plan is there" : "there is no plan")
    if !expected.hasPlan {
      let isRight = answer.manifest.error == expected.manifest.error
      state(1, isRight, "error \(answer.manifest.error?.prefix(50) ?? "-")")
    } else {
      let options = [
        ("threads", "\(problem.threads)"), ("precision", problem.precision),
        ("workspace", problem.workspace ?? "\(answer.workspace) B"),
      ]
      for (index, (name, asked)) in options.enumerated() {
        let isRight = !answer.wrongOptions.contains(name) && !answer.unstated.contains(name)
        let own = answer.unstated.contains(name) ? "not stated" : isRight ? asked : "other"
        state(index + 1, isRight, "\(name): asked \(asked), built \(own)")
      }
      let isSame = answer.isRebuilt && !answer.timesAnew
      state(
        4,
        isSame,
        isSame ? "built again: the same file" : "built again: another, or timed anew"
      )
    }
    let most = max(
      problem.memory ?? 0,
      answer.layers.map { $0.bytes + answer.workspace }.max() ?? 1
    )
    let scale = 0.6 / Double(max(1, most))
    for (index, entry) in answer.layers.enumerated() {
      let row = 5 + index
      let end = 0.4 + Double(entry.bytes) * scale
      chart.bar(row: row, from: 0.4, to: end, 0, text: String(entry.layer.name.prefix(12)))
      chart.bar(row: row, from: end, to: end + Double(answer.workspace) * scale, 4)
      chart.write(
        String(entry.layer.tactic.prefix(14).map { $0.isASCII ? $0 : ">" }),
        0.2,
        row: row
      )
    }
    if let memory = problem.memory {
      chart.mark(0.4 + Double(memory) * scale, rows: 5..<max(6, rows), 1)
    }
    return chart.image
  }
}
