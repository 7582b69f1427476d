public import ArgumentParser

/// A size as it is typed: a number of MiB, or with a unit: `512K`, `64M`, `1G`, `4096B`.
struct MemorySize: ExpressibleByArgument {
  let byteCount: Int

  init?(argument: String) {
    let shifts: [Character: Int] = ["B": 0, "K": 10, "M": 20, "G": 30]
    guard let last = argument.last?.uppercased().first else { return nil }
    let shift = shifts[last]
    guard let number = Int(shift == nil ? argument[...] : argument.dropLast()),
      (1...1 << 40).contains(number)
    else { return nil }
    let count = number.multipliedReportingOverflow(by: 1 << (shift ?? 20))
    guard !count.overflow, count.partialValue <= 1 << 40 else { return nil }
    byteCount = count.partialValue
  }
}
