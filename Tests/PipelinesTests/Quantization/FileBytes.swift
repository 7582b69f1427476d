import Files

/// A file's bytes, copied.
func fileBytes(_ path: String) throws -> [UInt8] {
  let file = try MappedFile(path: path)
  return withExtendedLifetime(file) { Array(file.bytes) }
}
