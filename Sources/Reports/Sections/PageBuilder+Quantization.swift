import Detectors
import Metrics
import Passes

extension PageBuilder {
  /// What fewer bits cost and gain: the ledger, layers and plans, the proof, the calibration.
  mutating func quantization(_ record: QuantizationRecord) -> [Block] {
    var blocks: [Block] = []
    if let ledger = record.ledger { blocks += self.ledger(ledger) }
    if let sensitivity = record.sensitivity { blocks += self.sensitivity(sensitivity) }
    if let proof = record.proof { blocks += self.proof(proof) }
    if let findings = record.calibration { blocks += calibration(findings) }
    if let bisection = record.bisection { blocks += self.bisection(bisection) }
    return blocks
  }

  // MARK: The ledger

  private mutating func ledger(_ ledger: AccuracyLedger) -> [Block] {
    func words(_ change: PrecisionMeasurement.Change?) -> Phrase {
      .text(
        change.map {
          "\(HTML.decimal($0.value, 4)) "
            + "[\(HTML.decimal($0.lower, 4)), \(HTML.decimal($0.upper, 4))]"
        } ?? "–"
      )
    }
    let names = ledger.entries.map { Phrase.word("ledger.step.\($0.step)", []) }
    var table = PageTable(
      ["column.step"],
      zip(names, ledger.entries).map {
        [$0, .text(HTML.decimal($1.averagePrecision, 4)), words($1.change)]
      },
      numeric: [1, 2]
    )
    table.columns += [.text("AP"), .word("column.apchange")]
    var chart = ChartData(.bars, y: "axis.apchange")
    let booked = ledger.entries.filter { $0.change != nil }
    var series = ChartData.Series(
      x: .texts(booked.map(\.step)),
      y: .finite(booked.map { $0.change?.value ?? 0 })
    )
    series.low = booked.map(\.change?.lower)
    series.high = booked.map(\.change?.upper)
    series.text = booked.map { HTML.decimal($0.change?.value ?? 0, 4) }
    chart.series = [series]
    var blocks: [Block] = [
      .heading(.word("ledger.title")),
      .paragraph(
        .word(
          "ledger.intro",
          ledger.model,
          "\(ledger.pictureCount)",
          ledger.dataset,
          ledger.backend
        )
      ), charts([PageChart(title: .word("chart.ledger"), data: chart, table: table)]),
    ]
    if !ledger.sizes.isEmpty {
      blocks += [.heading(.word("ledger.damage")), .table(damage(ledger.sizes, words))]
      blocks.append(
        .folded(.word("ledger.classes"), [.table(damage(ledger.classes, words))])
      )
    }
    if !ledger.judgedPictures.isEmpty {
      func list(_ names: [String]) -> [Block] {
        [.paragraph(.text(names.isEmpty ? "–" : names.joined(separator: ", ")), .dim)]
      }
      blocks += [
        .folded(
          .word("ledger.calibrated", "\(ledger.calibrationPictures.count)"),
          list(ledger.calibrationPictures)
        ),
        .folded(
          .word("ledger.judged", "\(ledger.judgedPictures.count)"),
          list(ledger.judgedPictures)
        ),
      ]
    }
    return blocks
  }

  private func damage(
    _ rows: [AccuracyLedger.Damage],
    _ words: (PrecisionMeasurement.Change?) -> Phrase
  ) -> PageTable {
    func decimal(_ value: Double) -> Phrase { .text(value < 0 ? "–" : HTML.decimal(value, 4)) }
    return PageTable(
      ["column.kind", "column.objects", "column.before", "column.after", "column.apchange"],
      rows.map { row in
        let change: Phrase =
          row.change.map { words($0) }
          ?? (row.before < 0 || row.after < 0
            ? .text("–") : .text(HTML.decimal(row.after - row.before, 4)))
        return [
          .text(row.name), .text("\(row.instanceCount)"), decimal(row.before), decimal(row.after),
          change,
        ]
      },
      numeric: [1, 2, 3, 4]
    )
  }

  // MARK: Layers and plans

  private mutating func sensitivity(_ record: SensitivityRecord) -> [Block] {
    var blocks: [Block] = [
      .heading(.word("sensitivity.title")),
      .paragraph(
        .word(
          "sensitivity.intro",
          record.model,
          "\(record.pictureCount)",
          record.dataset,
          record.scheme.rawValue,
          record.method.rawValue
        )
      ),
    ]
    if let cost = record.millisecondsPerTenth {
      blocks.append(.paragraph(.word("sensitivity.cost", HTML.decimal(cost, 2))))
    }
    if let budget = record.budget {
      if let chosen = record.chosen, record.plans.indices.contains(chosen) {
        let plan = record.plans[chosen]
        blocks.append(
          .paragraph(
            .word(
              "sensitivity.chosen",
              "\(plan.kept.count)",
              HTML.decimal(record.loss(plan), 4),
              "\(budget)"
            ),
            .good
          )
        )
      } else {
        blocks.append(.paragraph(.word("sensitivity.none", "\(budget)"), .bad))
      }
    }
    blocks.append(charts([front(record), layers(record)]))
    return blocks
  }

  /// Loss over time; the plans that nothing beats are joined by a line.
  private func front(_ record: SensitivityRecord) -> PageChart {
    var chart = ChartData(.lines, x: "axis.latency", y: "axis.loss")
    func series(_ plans: [PrecisionPlan], _ mode: String, _ word: String) -> ChartData.Series {
      var series = ChartData.Series(
        x: .finite(plans.map(\.milliseconds)),
        y: .finite(plans.map { record.loss($0) })
      )
      series.mode = mode
      series.word = word
      series.text = plans.map { "\($0.kept.count)" }
      return series
    }
    chart.series = [
      series(record.plans, "markers", "sensitivity.plans"),
      series(record.front, "lines", "sensitivity.front"),
    ]
    let rows = record.plans.map { plan in
      [
        "\(plan.kept.count)", HTML.decimal(plan.milliseconds, 2),
        HTML.decimal(record.loss(plan), 4),
        plan.averagePrecision.map { HTML.decimal($0, 4) } ?? "–", HTML.decimal(plan.agreement, 4),
        HTML.decimal(100 * plan.quantizedShare, 1),
      ]
    }
    return PageChart(
      title: .word("chart.front"),
      data: chart,
      table: PageTable(
        [
          "column.floatlayers", "column.ms", "column.loss", "column.ap", "column.agreement",
          "column.inbytes",
        ],
        texts: rows,
        numeric: [0, 1, 2, 3, 4, 5]
      )
    )
  }

  private func layers(_ record: SensitivityRecord) -> PageChart {
    var chart = ChartData(.bars, x: "axis.loss")
    let shown = Array(record.layers.prefix(20).reversed())
    chart.horizontal = true
    chart.height = max(240, 24 * shown.count)
    var series = ChartData.Series(
      x: .finite(shown.map { 1 - $0.agreement }),
      y: .texts(shown.map(\.module))
    )
    series.text = shown.map { HTML.decimal(1 - $0.agreement, 4) }
    chart.series = [series]
    let rows = record.layers.map { layer in
      [
        layer.module, HTML.decimal(1 - layer.agreement, 4),
        layer.averagePrecision.map { HTML.decimal($0, 4) } ?? "–",
        HTML.decimal(layer.savedMilliseconds, 2), HTML.decimal(100 * layer.share, 1),
      ]
    }
    return PageChart(
      title: .word("chart.layers"),
      data: chart,
      table: PageTable(
        ["column.module", "column.loss", "column.ap", "column.saved", "column.arithmetic"],
        texts: rows,
        numeric: [1, 2, 3, 4]
      )
    )
  }

  // MARK: The proof

  private func proof(_ proof: PrecisionProof) -> [Block] {
    var blocks: [Block] = [
      .heading(.word("proof.title")),
      .paragraph(
        proof.passes
          ? .word("proof.passes", proof.model, "\(proof.backend) \(proof.version)")
          : .word(
            "proof.fails",
            "\(proof.differing.count)",
            "\(proof.layers.count)",
            proof.model,
            "\(proof.backend) \(proof.version)"
          ),
        proof.passes ? .good : .bad
      ), .shares(proof.histogram.map { ($0.precision, $0.share) }),
      .table(
        PageTable(
          ["column.precision", "column.arithmetic"],
          texts: proof.histogram.map { [$0.precision, HTML.decimal(100 * $0.share, 1)] },
          numeric: [1]
        )
      ),
    ]
    func table(_ layers: [PrecisionProof.Layer]) -> PageTable {
      PageTable(
        ["column.place", "column.asked", "column.executed", "column.tactic", "column.ms"],
        texts: layers.map { layer in
          [
            layer.place, layer.asked, layer.executed.isEmpty ? "–" : layer.executed, layer.tactic,
            layer.milliseconds.map { HTML.decimal($0, 3) } ?? "–",
          ]
        },
        numeric: [4]
      )
    }
    if !proof.differing.isEmpty { blocks.append(.table(table(proof.differing))) }
    blocks.append(.folded(.word("proof.layers"), [.table(table(proof.layers))]))
    if !proof.reformats.isEmpty {
      let rows = proof.reformats.map { reformat in
        [
          reformat.place, reformat.tactic,
          reformat.milliseconds.map { HTML.decimal($0, 3) } ?? "–",
        ]
      }
      blocks.append(
        .folded(
          .word("proof.reformats", "\(proof.reformats.count)"),
          [
            .table(
              PageTable(["column.place", "column.tactic", "column.ms"], texts: rows, numeric: [2])
            )
          ]
        )
      )
    }
    if !proof.islands.isEmpty {
      let rows = proof.islands.map { island in
        [
          island.places.joined(separator: ", "), "\(island.reformatCount)",
          island.milliseconds.map { HTML.decimal($0, 3) } ?? "–",
        ]
      }
      blocks += [
        .paragraph(.word("proof.islands", "\(proof.islands.count)")),
        .table(
          PageTable(
            ["column.layers", "column.reformats", "column.ms"],
            texts: rows,
            numeric: [1, 2]
          )
        ),
      ]
    }
    return blocks
  }

  // MARK: The calibration and the bisection

  private func calibration(_ findings: CalibrationFindings) -> [Block] {
    var blocks: [Block] = [
      .heading(.word("calibration.title")),
      .paragraph(
        .word(
          "calibration.intro",
          findings.model,
          findings.pictureCount.map(String.init) ?? "–",
          findings.method.rawValue
        )
      ),
      .paragraph(
        .word(findings.passes ? "calibration.passes" : "calibration.fails"),
        findings.passes ? .good : .bad
      ),
    ]
    if !findings.findings.isEmpty {
      blocks.append(
        .table(
          PageTable(
            ["column.name", "column.what", "column.remedy"],
            findings.findings.map {
              [
                .text(($0.isProblem ? "✗ " : "") + $0.name), .said($0.words), .said($0.remedy),
              ]
            }
          )
        )
      )
    }
    func counts(_ key: String, _ counts: [CalibrationFindings.Count]) {
      guard !counts.isEmpty else { return }
      let table = PageTable(
        [key, "column.count"],
        texts: counts.map { [$0.name, "\($0.count)"] },
        numeric: [1]
      )
      blocks.append(.folded(.word("calibration.coverage", [.word(key, [])]), [.table(table)]))
    }
    counts("column.class", findings.classes)
    counts("column.size", findings.sizes)
    counts("column.brightness", findings.brightness)
    func trials(_ key: String, _ trials: [CalibrationFindings.Trial]) {
      guard !trials.isEmpty else { return }
      blocks.append(
        .table(
          PageTable(
            [key, "column.agreement"],
            texts: trials.map { [$0.name, HTML.decimal($0.agreement, 4)] },
            numeric: [1]
          )
        )
      )
    }
    trials("column.method", findings.methods)
    trials("column.pictures", findings.pictureCounts)
    if !findings.suggested.isEmpty {
      blocks.append(
        .folded(
          .word("calibration.suggested", "\(findings.suggested.count)"),
          [.paragraph(.text(findings.suggested.joined(separator: ", ")), .dim)]
        )
      )
    }
    return blocks
  }

  private func bisection(_ bisection: Bisection) -> [Block] {
    var blocks: [Block] = [
      .heading(.word("bisection.title")),
      .paragraph(
        .word(
          "bisection.intro",
          "\(bisection.wrongPictureCount)",
          "\(bisection.pictureCount)",
          bisection.model,
          bisection.reference
        )
      ),
    ]
    guard let picture = bisection.picture else { return blocks }
    blocks.append(
      .paragraph(
        bisection.layer.map { .word("bisection.layer", picture, $0.module) }
          ?? .word("bisection.nolayer", picture)
      )
    )
    blocks.append(
      .table(
        PageTable(
          ["column.module", "column.error"],
          texts: bisection.suspects.prefix(12).map { [$0.module, HTML.decimal($0.error, 3)] },
          numeric: [1]
        )
      )
    )
    return blocks
  }
}
