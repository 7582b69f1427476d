/// What a run used of the machine.
public struct ResourceUse: Sendable, Hashable, Codable {
  /// Processor time per picture from file bytes to detections (engine alone where there is no end
  /// to end), in seconds, all threads.
  public var processorSecondsPerImage: Double
  /// Processor time by wall-clock time: 2 is two busy processors.
  public var processorLoad: Double
  /// The most memory that the process held while it was measured, in bytes.
  public var peakResidentBytes: Int64
  /// Whether the peak is of this configuration alone, or of the whole process so far.
  public var isPeakOwn: Bool
  /// The GPU while it was measured; nil where there is none.
  public var gpu: GPUUse?
  /// Why there are no GPU figures.
  public var gpuAbsence: String?
  /// Creates the account.
  public init(
    processorSecondsPerImage: Double,
    processorLoad: Double,
    peakResidentBytes: Int64,
    isPeakOwn: Bool,
    gpu: GPUUse? = nil,
    gpuAbsence: String? = nil
  ) {
    self.processorSecondsPerImage = processorSecondsPerImage
    self.processorLoad = processorLoad
    self.peakResidentBytes = peakResidentBytes
    self.isPeakOwn = isPeakOwn
    self.gpu = gpu
    self.gpuAbsence = gpuAbsence
  }
}
