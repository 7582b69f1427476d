// Letterbox, decoding and suppression as kernels, in what CUDA C++ and C have in common.
//
// NVRTC compiles this file for the GPU that is there; the tests compile the same file as C and run
// every thread of every kernel on the processor, against the processor's own path. Three things make
// the results equal bit for bit: positions, weights and the values of levels are tables that the host
// makes; products and sums are rounded one by one (NVRTC: --fmad=false, C: -ffp-contract=off); and
// every order is defined (by anchor, class and index), whatever thread comes first.
//
// No kernel waits for another thread: what must be known before is the work of a launch before.
#include "GPUKernels.h"

#ifdef __CUDACC__
#define VT_KERNEL(name, type) extern "C" __global__ void name(type a)
#define VT_FUNCTION static __device__
#define VT_X ((int)(blockIdx.x * blockDim.x + threadIdx.x))
#define VT_Y ((int)(blockIdx.y * blockDim.y + threadIdx.y))
#define VT_Z ((int)blockIdx.z)
#endif

typedef union {
  unsigned bits;
  float value;
} VTWord;

// --- Letterbox ---

/// One channel of two neighbours in a source row, mixed: 7 bits of fraction are left of 11.
VT_FUNCTION int vt_across(const unsigned char *row, VTGPUMix mix, int channel) {
  return (row[3 * mix.first + channel] * mix.firstWeight +
          row[3 * mix.second + channel] * mix.secondWeight) >> 4;
}

// Source: OpenCV 4 `resize`, INTER_LINEAR on 8-bit pictures.
VT_FUNCTION int vt_level(const unsigned char *pixels, VTGPUPicture picture, VTGPUMix column,
                         VTGPUMix row, int channel) {
  const unsigned char *upper = pixels + (long long)row.first * picture.sourceWidth * 3;
  const unsigned char *lower = pixels + (long long)row.second * picture.sourceWidth * 3;
  int above = vt_across(upper, column, channel), below = vt_across(lower, column, channel);
  return ((above * row.firstWeight >> 16) + (below * row.secondWeight >> 16) + 2) >> 2;
}

/// One thread for each pixel of the network's input: x, y, picture.
VT_KERNEL(vitrine_letterbox, VTGPULetterbox) {
  int x = VT_X, y = VT_Y, n = VT_Z, plane;
  VTGPUPicture picture;
  if (x >= a.width || y >= a.height || n >= a.count) return;
  picture = ((const VTGPUPicture *)a.pictures)[n];
  if (picture.width <= 0) return;
  x -= picture.left;
  y -= picture.top;
  for (plane = 0; plane < 3; plane++) {
    int level = a.padLevel;
    long long place = (((long long)n * 3 + plane) * a.height + y + picture.top) * a.width +
                      x + picture.left;
    if (x >= 0 && y >= 0 && x < picture.width && y < picture.height) {
      VTGPUMix column = ((const VTGPUMix *)a.columns)[(long long)n * a.width + x];
      VTGPUMix row = ((const VTGPUMix *)a.rows)[(long long)n * a.height + y];
      level = vt_level((const unsigned char *)a.pixels + picture.offset, picture, column, row,
                       a.channels[plane]);
    }
    if (a.elementSize == 2) {
      ((unsigned short *)a.target)[place] =
          ((const unsigned short *)a.values)[256 * plane + level];
    } else {
      ((unsigned *)a.target)[place] = ((const unsigned *)a.values)[256 * plane + level];
    }
  }
}

// --- Decoding ---

VT_FUNCTION int vt_isFinite(float value) {
  VTWord word;
  word.value = value;
  return (word.bits & 0x7F800000u) != 0x7F800000u;
}

/// A half-precision number in single precision; exact.
VT_FUNCTION float vt_half(unsigned bits) {
  VTWord word;
  unsigned sign = (bits & 0x8000u) << 16, exponent = bits >> 10 & 31u, fraction = bits & 1023u;
  if (exponent == 0) {
    // 2^-24 times a small whole number.
    word.value = (float)fraction * 5.9604644775390625e-8f;
    word.bits |= sign;
  } else {
    exponent = exponent == 31 ? 255u : exponent + 112u;
    word.bits = sign | exponent << 23 | fraction << 13;
  }
  return word.value;
}

VT_FUNCTION float vt_value(const VTGPUSelection *a, int picture, int anchor, int channel) {
  long long place = ((long long)picture * a->anchors + anchor) * a->channels + channel;
  if (a->elementSize == 2) return vt_half(((const unsigned short *)a->output)[place]);
  return ((const float *)a->output)[place];
}

VT_FUNCTION int vt_isWanted(const VTGPUSelection *a, int index) {
  return !a->wanted || ((const unsigned char *)a->wanted)[index];
}

/// The candidates of one anchor; with `target` they are written, as many as `room` has.
/// Returns their number, or -1 where a number is not finite.
VT_FUNCTION int vt_candidates(const VTGPUSelection *a, int picture, int anchor,
                              VTGPUCandidate *target, int room) {
  VTGPUCandidate found;
  float objectness = vt_value(a, picture, anchor, 4), best, sum = 0, x, y, width, height;
  int index, first = 0, count = 0;
  VTWord least;
  if (objectness <= a->threshold) return 0;
  x = vt_value(a, picture, anchor, 0);
  y = vt_value(a, picture, anchor, 1);
  width = vt_value(a, picture, anchor, 2);
  height = vt_value(a, picture, anchor, 3);
  found.x1 = x - width / 2;
  found.y1 = y - height / 2;
  found.x2 = x + width / 2;
  found.y2 = y + height / 2;
  found.anchor = anchor;
  least.bits = 0xFF800000u;
  best = least.value;
  for (index = 0; index < a->classes; index++) {
    float confidence = objectness * vt_value(a, picture, anchor, 5 + index);
    sum += confidence;
    if (confidence > best) {
      best = confidence;
      first = index;
    }
  }
  // Anything that is not finite makes the sum so.
  if (!vt_isFinite(sum + found.x1 + found.y1 + found.x2 + found.y2)) return -1;
  if (!(best > a->threshold)) return 0;
  for (index = 0; index < a->classes; index++) {
    float confidence;
    if (!(a->isMultiLabel && a->classes > 1)) {
      if (index > 0) break;
      found.classIndex = first;
      found.confidence = best;
    } else {
      confidence = objectness * vt_value(a, picture, anchor, 5 + index);
      if (!(confidence > a->threshold)) continue;
      found.classIndex = index;
      found.confidence = confidence;
    }
    if (!vt_isWanted(a, found.classIndex)) continue;
    if (target && count < room) target[count] = found;
    count++;
  }
  return count;
}

/// x: anchor, y: picture.
VT_KERNEL(vitrine_count, VTGPUSelection) {
  int anchor = VT_X, n = VT_Y;
  if (anchor >= a.anchors || n >= a.pictures) return;
  ((int *)a.counts)[(long long)n * a.anchors + anchor] = vt_candidates(&a, n, anchor, 0, 0);
}

/// x: chunk, y: picture.
VT_KERNEL(vitrine_sum, VTGPUSelection) {
  int chunk = VT_X, n = VT_Y, anchor, end;
  VTGPUChunk sum = {0, 0};
  if (chunk >= a.chunksPerPicture || n >= a.pictures) return;
  end = (chunk + 1) * VT_GPU_CHUNK < a.anchors ? (chunk + 1) * VT_GPU_CHUNK : a.anchors;
  for (anchor = chunk * VT_GPU_CHUNK; anchor < end; anchor++) {
    int count = ((const int *)a.counts)[(long long)n * a.anchors + anchor];
    sum.count += count > 0 ? count : 0;
    sum.strange += count < 0;
  }
  ((VTGPUChunk *)a.chunks)[(long long)n * a.chunksPerPicture + chunk] = sum;
}

VT_FUNCTION VTGPUOutcome *vt_outcome(const VTGPUSelection *a, int picture) {
  long long size = (long long)sizeof(VTGPUOutcome) +
                   (long long)a->maxDetections * (long long)sizeof(VTGPUCandidate);
  return (VTGPUOutcome *)(a->outcomes + (unsigned long long)(picture * size));
}

/// Candidates that are chosen from: none where there are more than the limit.
VT_FUNCTION int vt_chosenFrom(const VTGPUSelection *a, int picture) {
  int count = vt_outcome(a, picture)->candidates;
  return count > VT_GPU_LIMIT ? 0 : count;
}

/// x: picture. Turns counts into places.
VT_KERNEL(vitrine_place, VTGPUSelection) {
  int n = VT_X, chunk;
  VTGPUOutcome outcome = {0, 0, 0, 0};
  VTGPUChunk *chunks;
  if (n >= a.pictures) return;
  chunks = (VTGPUChunk *)a.chunks + (long long)n * a.chunksPerPicture;
  for (chunk = 0; chunk < a.chunksPerPicture; chunk++) {
    int count = chunks[chunk].count;
    chunks[chunk].count = outcome.candidates;
    outcome.candidates += count;
    outcome.strange += chunks[chunk].strange;
  }
  *vt_outcome(&a, n) = outcome;
}

/// x: anchor, y: picture.
VT_KERNEL(vitrine_gather, VTGPUSelection) {
  int anchor = VT_X, n = VT_Y, place, before;
  const int *counts;
  if (anchor >= a.anchors || n >= a.pictures || vt_chosenFrom(&a, n) == 0) return;
  counts = (const int *)a.counts + (long long)n * a.anchors;
  if (counts[anchor] <= 0) return;
  place = ((const VTGPUChunk *)a.chunks)[(long long)n * a.chunksPerPicture +
                                         anchor / VT_GPU_CHUNK].count;
  for (before = anchor / VT_GPU_CHUNK * VT_GPU_CHUNK; before < anchor; before++) {
    if (counts[before] > 0) place += counts[before];
  }
  vt_candidates(&a, n, anchor, (VTGPUCandidate *)a.candidates + (long long)n * VT_GPU_LIMIT + place,
                VT_GPU_LIMIT - place);
}

// --- Suppression ---

/// x: candidate, y: picture. Its place by falling confidence: how many come before it.
VT_KERNEL(vitrine_rank, VTGPUSelection) {
  int index = VT_X, n = VT_Y, count, other, rank = 0;
  const VTGPUCandidate *candidates;
  if (n >= a.pictures) return;
  count = vt_chosenFrom(&a, n);
  if (index >= count) return;
  candidates = (const VTGPUCandidate *)a.candidates + (long long)n * VT_GPU_LIMIT;
  for (other = 0; other < count; other++) {
    float theirs = candidates[other].confidence, ours = candidates[index].confidence;
    rank += theirs > ours || (theirs == ours && other < index);
  }
  ((int *)a.order)[(long long)n * VT_GPU_LIMIT + rank] = index;
}

/// A candidate, moved aside for its class. Source: YOLOv5 `max_wh`, in single precision.
VT_FUNCTION VTGPUCandidate vt_moved(const VTGPUSelection *a, int picture, int rank) {
  long long start = (long long)picture * VT_GPU_LIMIT;
  VTGPUCandidate moved =
      ((const VTGPUCandidate *)a->candidates)[start + ((const int *)a->order)[start + rank]];
  float offset = a->isClassAgnostic ? 0 : (float)moved.classIndex * 7680;
  moved.x1 += offset;
  moved.y1 += offset;
  moved.x2 += offset;
  moved.y2 += offset;
  return moved;
}

// Source: torchvision `nms_kernel_impl`, in single precision.
VT_FUNCTION int vt_overlaps(VTGPUCandidate kept, VTGPUCandidate other, float limit) {
  float width = (kept.x2 > other.x2 ? other.x2 : kept.x2) - (kept.x1 < other.x1 ? other.x1 : kept.x1);
  float height = (kept.y2 > other.y2 ? other.y2 : kept.y2) - (kept.y1 < other.y1 ? other.y1 : kept.y1);
  float common = (width > 0 ? width : 0) * (height > 0 ? height : 0);
  float keptArea = (kept.x2 - kept.x1) * (kept.y2 - kept.y1);
  float otherArea = (other.x2 - other.x1) * (other.y2 - other.y1);
  return common / (keptArea + otherArea - common) > limit;
}

VT_FUNCTION int vt_lookedAt(const VTGPUSelection *a, int picture) {
  int count = vt_chosenFrom(a, picture);
  return count < a->maxCandidates ? count : a->maxCandidates;
}

/// x: 64 candidates, y: candidate, z: picture.
VT_KERNEL(vitrine_overlap, VTGPUSelection) {
  int word = VT_X, rank = VT_Y, n = VT_Z, count, bit;
  unsigned long long bits = 0;
  VTGPUCandidate kept;
  if (n >= a.pictures) return;
  count = vt_lookedAt(&a, n);
  if (rank >= count || word * 64 >= count) return;
  kept = vt_moved(&a, n, rank);
  for (bit = 0; bit < 64 && word * 64 + bit < count; bit++) {
    if (word * 64 + bit <= rank) continue;
    if (vt_overlaps(kept, vt_moved(&a, n, word * 64 + bit), a.overlap)) bits |= 1ull << bit;
  }
  ((unsigned long long *)a.overlaps)[((long long)n * VT_GPU_LIMIT + rank) * (VT_GPU_LIMIT / 64) +
                                     word] = bits;
}

/// x: picture. Keeps the most confident of those that overlap.
VT_KERNEL(vitrine_keep, VTGPUSelection) {
  int n = VT_X, count, rank, word;
  unsigned long long fallen[VT_GPU_LIMIT / 64];
  const unsigned long long *overlaps;
  VTGPUOutcome *outcome;
  VTGPUCandidate *kept;
  if (n >= a.pictures) return;
  count = vt_lookedAt(&a, n);
  overlaps = (const unsigned long long *)a.overlaps +
             (long long)n * VT_GPU_LIMIT * (VT_GPU_LIMIT / 64);
  outcome = vt_outcome(&a, n);
  kept = (VTGPUCandidate *)(outcome + 1);
  for (word = 0; word * 64 < count; word++) fallen[word] = 0;
  for (rank = 0; rank < count && outcome->kept < a.maxDetections; rank++) {
    long long start = (long long)n * VT_GPU_LIMIT;
    if (fallen[rank / 64] >> (rank % 64) & 1) continue;
    kept[outcome->kept++] =
        ((const VTGPUCandidate *)a.candidates)[start + ((const int *)a.order)[start + rank]];
    for (word = rank / 64; word * 64 < count; word++) {
      fallen[word] |= overlaps[(long long)rank * (VT_GPU_LIMIT / 64) + word];
    }
  }
}
