import Backends
import Diagnostics
import Glibc

/// A session's working memory: zeroed, page-aligned, in huge pages where the system has them.
final class Arena {
  let base: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) throws {
    self.byteCount = max(byteCount, 64)
    // A plan may say anything: the kernel would give it as long as nothing is touched.
    let physical = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    guard physical <= 0 || byteCount <= physical else { throw Self.noMemory(byteCount) }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS
    guard let memory = mmap(nil, self.byteCount, PROT_READ | PROT_WRITE, flags, -1, 0),
      memory != MAP_FAILED
    else { throw Self.noMemory(byteCount) }
    // Only advice: where it is refused, pages are small.
    _ = madvise(memory, self.byteCount, MADV_HUGEPAGE)
    base = memory
  }

  private static func noMemory(_ byteCount: Int) -> DeployError {
    DeployError(
      .backendFailed,
      "there is no memory for \(byteCount) bytes of activations",
      remedy: "use a smaller batch or picture"
    )
  }

  deinit { munmap(base, byteCount) }
}
