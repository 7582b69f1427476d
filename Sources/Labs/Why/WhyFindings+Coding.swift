/// Numbers that are none (a bound that too few rounds leave open, 0 / 0) are `null` in JSON, which has no other word.
extension WhyFindings {
  private enum CodingKeys: String, CodingKey {
    case value, columns, rows, agrees, figures, labels
  }

  package func encode(to encoder: any Encoder) throws {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(finite(value), forKey: .value)
    try container.encode(columns, forKey: .columns)
    try container.encode(rows.map { $0.map(finite) }, forKey: .rows)
    try container.encode(agrees, forKey: .agrees)
    try container.encode(figures.mapValues(finite), forKey: .figures)
    try container.encode(labels, forKey: .labels)
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ value: Double?) -> Double { value ?? .nan }
    self.init(
      value: number(try container.decode(Double?.self, forKey: .value)),
      columns: try container.decode([String].self, forKey: .columns),
      rows: try container.decode([[Double?]].self, forKey: .rows).map { $0.map(number) },
      agrees: try container.decode(Bool.self, forKey: .agrees),
      figures: try container.decode([String: Double?].self, forKey: .figures).mapValues(number),
      labels: try container.decode([String].self, forKey: .labels)
    )
  }
}
