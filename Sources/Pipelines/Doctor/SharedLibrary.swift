import Backends
import Glibc

/// A library opened at run time, and never closed: some cannot be.
struct SharedLibrary {
  private let handle: UnsafeMutableRawPointer
  /// The file it came from, where the loader tells.
  let path: String

  /// Either the first library of `candidates` that opens, or why none does.
  static func open(_ candidates: [String]) -> Result<SharedLibrary, Failure> {
    var failure: Failure?
    for candidate in candidates {
      if let handle = dlopen(candidate, RTLD_LAZY | RTLD_LOCAL) {
        return .success(SharedLibrary(handle: handle, path: candidate))
      }
      let text = dlerror().map { String(cString: $0) } ?? "'\(candidate)' cannot be opened"
      // A file that is there but bogus says more than the many that are not there.
      let isAbsent = text.contains("No such file")
      if failure == nil || (failure?.isAbsent == true && !isAbsent) {
        failure = Failure(text: text, isAbsent: isAbsent)
      }
    }
    return .failure(failure ?? Failure(text: "no library was looked for", isAbsent: true))
  }

  /// Why nothing was opened.
  struct Failure: Error {
    let text: String
    let isAbsent: Bool
  }

  /// A function of the library, as the C type that the caller knows it to have.
  func function<Function>(_ name: String, as type: Function.Type) -> Function? {
    dlsym(handle, name).map { unsafeBitCast($0, to: type) }
  }

  /// The candidates for a component: the stated file alone, else unpacked ones, then names.
  static func candidates(
    _ component: String,
    _ options: Doctor.Options,
    packages: [String] = [],
    prefix: String = "",
    names: [String]
  ) -> [String] {
    if let stated = options.libraries[component] { return [stated] }
    let unpacked = packages.flatMap { options.engines?.libraries(of: $0, prefix: prefix) ?? [] }
    return unpacked + names
  }
}
