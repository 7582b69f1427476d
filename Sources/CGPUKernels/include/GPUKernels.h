// What the kernels around a network on the GPU are given: letterbox before it, choosing boxes after it.
//
// This file is read by three compilers: the host's, NVRTC's (CUDA C++), and the host's once more where
// tests run the kernels on the processor. So it holds nothing but structures of plain members, and
// addresses of GPU memory are numbers.
#ifndef VITRINE_GPU_KERNELS_H
#define VITRINE_GPU_KERNELS_H

/// Where one picture of a batch lies: in the staged bytes, and in the network's input.
typedef struct {
  /// Its first byte, counted from the start of the staged pictures: R, G, B of each pixel, row by row.
  unsigned long long offset;
  int sourceWidth, sourceHeight;
  /// The scaled picture inside the network's input, in pixels. Width 0: nothing is written.
  int left, top, width, height;
} VTGPUPicture;

/// One scaled column or row: the two source columns or rows that it is mixed from, and their weights in
/// 2048ths, each at most 2048.
typedef struct {
  int first, second, firstWeight, secondWeight;
} VTGPUMix;

/// The arguments of `vitrine_letterbox`.
typedef struct {
  /// VTGPUPicture [count], VTGPUMix [count, width] by scaled column and [count, height] by scaled row.
  unsigned long long pictures, columns, rows;
  /// The staged bytes of all pictures.
  unsigned long long pixels;
  /// What each level becomes, [3, 256] by plane, elements of `elementSize` bytes.
  unsigned long long values;
  /// The network's input, [count, 3, height, width].
  unsigned long long target;
  int count, width, height, elementSize, padLevel;
  /// The colour channel of each plane.
  int channels[3];
} VTGPULetterbox;

/// One box that may be an answer, in letterbox pixels.
typedef struct {
  float x1, y1, x2, y2, confidence;
  int classIndex, anchor;
} VTGPUCandidate;

/// What is known of a picture when choosing is over; the kept boxes follow, by falling confidence.
typedef struct {
  int kept;
  /// Candidates above the threshold; with more than the limit nothing was chosen.
  int candidates;
  /// Anchors with a box or scores that are no finite numbers.
  int strange;
  int reserved;
} VTGPUOutcome;

/// Anchors that are counted together.
#define VT_GPU_CHUNK 256
/// The most candidates of one picture that are chosen from; a multiple of 64.
#define VT_GPU_LIMIT 4096

/// A chunk of anchors: how many candidates it gives, then where they begin.
typedef struct {
  int count, strange;
} VTGPUChunk;

/// The arguments of the kernels that choose.
typedef struct {
  /// The network's output, [pictures, anchors, channels]: x, y, width, height, objectness, scores.
  unsigned long long output;
  /// Candidates of each anchor, [pictures, anchors]; -1 for one that is no finite number.
  unsigned long long counts;
  /// VTGPUChunk [pictures, chunks].
  unsigned long long chunks;
  /// VTGPUCandidate [pictures, VT_GPU_LIMIT], by anchor and class.
  unsigned long long candidates;
  /// Candidates by falling confidence: int [pictures, VT_GPU_LIMIT].
  unsigned long long order;
  /// Which later candidates each one suppresses: a bit each, [pictures, VT_GPU_LIMIT, VT_GPU_LIMIT / 64].
  unsigned long long overlaps;
  /// VTGPUOutcome and VTGPUCandidate [maxDetections] for each picture.
  unsigned long long outcomes;
  /// A byte for each class, 1 where it is wanted; 0 as the address: all are.
  unsigned long long wanted;
  int pictures, anchors, channels, classes, elementSize, chunksPerPicture;
  int isMultiLabel, isClassAgnostic, maxCandidates, maxDetections;
  /// Objectness, and objectness · score, must be above it.
  float threshold;
  /// A candidate falls whose overlap with a kept one is above it.
  float overlap;
} VTGPUSelection;

#endif
