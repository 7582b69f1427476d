#include "CImageCodecs.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

/// Fills `table` from `names` or says what is missing in `problem`.
static void load(const char *library, const char *const *names, void **table, size_t count,
                 char *problem, size_t problem_size) {
  void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char *reason = dlerror();
    snprintf(problem, problem_size, "%s", reason ? reason : library);
    return;
  }
  for (size_t index = 0; index < count; index++) {
    table[index] = dlsym(handle, names[index]);
    if (!table[index]) {
      snprintf(problem, problem_size, "%s has no function %s", library, names[index]);
      return;
    }
  }
}

// --- libjpeg-turbo ---

static struct {
  void *(*init_decompress)(void);
  void *(*init_compress)(void);
  int (*destroy)(void *);
  int (*header)(void *, const unsigned char *, unsigned long, int *, int *, int *, int *);
  int (*decompress)(void *, const unsigned char *, unsigned long, unsigned char *, int, int, int,
                    int, int);
  unsigned long (*bound)(int, int, int);
  int (*compress)(void *, const unsigned char *, int, int, int, int, unsigned char **,
                  unsigned long *, int, int, int);
  char *(*message)(void *);
  int (*severity)(void *);
} jpeg;
static char jpeg_problem[256];
static pthread_once_t jpeg_once = PTHREAD_ONCE_INIT;

static void load_jpeg(void) {
  static const char *const names[] = {
      "tjInitDecompress", "tjInitCompress", "tjDestroy",   "tjDecompressHeader3",
      "tjDecompress2",    "tjBufSize",      "tjCompress2", "tjGetErrorStr2",
      "tjGetErrorCode"};
  load("libturbojpeg.so.0", names, (void **)&jpeg, sizeof jpeg / sizeof(void *), jpeg_problem,
       sizeof jpeg_problem);
}
const char *codecs_open_jpeg(void) {
  pthread_once(&jpeg_once, load_jpeg);
  return jpeg_problem[0] ? jpeg_problem : NULL;
}
void *codecs_jpeg_reader(void) { return jpeg.init_decompress(); }
void *codecs_jpeg_writer(void) { return jpeg.init_compress(); }
void codecs_jpeg_close(void *handle) { jpeg.destroy(handle); }
int codecs_jpeg_header(void *handle, const void *bytes, size_t count, int *width, int *height,
                       int *subsampling, int *colors) {
  return jpeg.header(handle, bytes, count, width, height, subsampling, colors);
}
int codecs_jpeg_decode(void *handle, const void *bytes, size_t count, void *pixels, int width,
                       int pitch, int height, int format, int flags) {
  return jpeg.decompress(handle, bytes, count, pixels, width, pitch, height, format, flags);
}
size_t codecs_jpeg_bound(int width, int height, int subsampling) {
  return jpeg.bound(width, height, subsampling);
}
int codecs_jpeg_encode(void *handle, const void *pixels, int width, int height, void *bytes,
                       size_t *count, int subsampling, int quality) {
  unsigned char *target = bytes;
  unsigned long size = *count;
  int result = jpeg.compress(handle, pixels, width, 0, height, CODECS_JPEG_RGB, &target, &size,
                             subsampling, quality,
                             CODECS_JPEG_NO_REALLOCATION | CODECS_JPEG_ACCURATE_DCT);
  *count = size;
  return result;
}
const char *codecs_jpeg_message(void *handle) { return jpeg.message(handle); }
int codecs_jpeg_severity(void *handle) { return jpeg.severity(handle); }

// --- libspng ---

static struct {
  void *(*new)(int);
  void (*free)(void *);
  int (*source)(void *, const void *, size_t);
  int (*image_limits)(void *, uint32_t, uint32_t);
  int (*chunk_limits)(void *, size_t, size_t);
  int (*header)(void *, codecs_png_header_t *);
  int (*exif)(void *, codecs_png_exif_t *);
  int (*decode)(void *, void *, size_t, int, int);
  int (*option)(void *, int, int);
  int (*set_header)(void *, codecs_png_header_t *);
  int (*encode)(void *, const void *, size_t, int, int);
  void *(*take)(void *, size_t *, int *);
  const char *(*message)(int);
} png;
static char png_problem[256];
static pthread_once_t png_once = PTHREAD_ONCE_INIT;

static void load_png(void) {
  static const char *const names[] = {
      "spng_ctx_new",          "spng_ctx_free",        "spng_set_png_buffer",
      "spng_set_image_limits", "spng_set_chunk_limits", "spng_get_ihdr",
      "spng_get_exif",         "spng_decode_image",    "spng_set_option",
      "spng_set_ihdr",         "spng_encode_image",    "spng_get_png_buffer",
      "spng_strerror"};
  load("libspng.so.0", names, (void **)&png, sizeof png / sizeof(void *), png_problem,
       sizeof png_problem);
}
const char *codecs_open_png(void) {
  pthread_once(&png_once, load_png);
  return png_problem[0] ? png_problem : NULL;
}
void *codecs_png_new(int flags) { return png.new(flags); }
void codecs_png_free(void *context) { png.free(context); }
int codecs_png_source(void *context, const void *bytes, size_t count) {
  return png.source(context, bytes, count);
}
int codecs_png_limits(void *context, uint32_t extent, size_t chunk_bytes) {
  int error = png.image_limits(context, extent, extent);
  return error ? error : png.chunk_limits(context, chunk_bytes, chunk_bytes);
}
int codecs_png_header(void *context, codecs_png_header_t *header) {
  return png.header(context, header);
}
int codecs_png_exif(void *context, codecs_png_exif_t *exif) { return png.exif(context, exif); }
int codecs_png_decode(void *context, void *pixels, size_t count, int format) {
  return png.decode(context, pixels, count, format, 0);
}
int codecs_png_option(void *context, int option, int value) {
  return png.option(context, option, value);
}
int codecs_png_set_header(void *context, codecs_png_header_t *header) {
  return png.set_header(context, header);
}
int codecs_png_encode(void *context, const void *pixels, size_t count) {
  return png.encode(context, pixels, count, CODECS_PNG_FMT_PNG, CODECS_PNG_FINALIZE);
}
void *codecs_png_take(void *context, size_t *count, int *error) {
  return png.take(context, count, error);
}
const char *codecs_png_message(int error) { return png.message(error); }

// --- libwebp ---

static struct {
  int (*header)(const uint8_t *, size_t, int *, int *);
  uint8_t *(*decode)(const uint8_t *, size_t, uint8_t *, size_t, int);
} webp;
static char webp_problem[256];
static pthread_once_t webp_once = PTHREAD_ONCE_INIT;

static void load_webp(void) {
  static const char *const names[] = {"WebPGetInfo", "WebPDecodeRGBInto"};
  load("libwebp.so.7", names, (void **)&webp, sizeof webp / sizeof(void *), webp_problem,
       sizeof webp_problem);
}
const char *codecs_open_webp(void) {
  pthread_once(&webp_once, load_webp);
  return webp_problem[0] ? webp_problem : NULL;
}
int codecs_webp_header(const uint8_t *bytes, size_t count, int *width, int *height) {
  return webp.header(bytes, count, width, height);
}
uint8_t *codecs_webp_decode(const uint8_t *bytes, size_t count, uint8_t *pixels, size_t capacity,
                            int pitch) {
  return webp.decode(bytes, count, pixels, capacity, pitch);
}
