#pragma once
#include <stddef.h>
#include <stdint.h>

// Our own declarations of the parts of libjpeg-turbo (TurboJPEG API 2.x), libspng 0.7 and
// libwebp 1.x that are used here. The libraries are opened at run time, once per process, so
// that building needs no development package. Call `codecs_open_…` first: it gives NULL, or
// why the library cannot be used. The other functions must not be called unless it gave NULL.

/// Opens libturbojpeg.so.0.
const char *_Nullable codecs_open_jpeg(void);
/// Opens libspng.so.0.
const char *_Nullable codecs_open_png(void);
/// Opens libwebp.so.7.
const char *_Nullable codecs_open_webp(void);

// Values of turbojpeg.h.
enum {
  CODECS_JPEG_RGB = 0,
  CODECS_JPEG_CMYK = 11,
  CODECS_JPEG_COLORS_CMYK = 3,
  CODECS_JPEG_COLORS_YCCK = 4,
  CODECS_JPEG_ACCURATE_DCT = 4096,
  CODECS_JPEG_NO_REALLOCATION = 1024,
  CODECS_JPEG_LIMIT_SCANS = 32768,
  CODECS_JPEG_WARNING = 0,
};

void *_Nullable codecs_jpeg_reader(void);
void *_Nullable codecs_jpeg_writer(void);
void codecs_jpeg_close(void *_Nonnull handle);
int codecs_jpeg_header(void *_Nonnull handle, const void *_Nonnull bytes, size_t count,
                       int *_Nonnull width, int *_Nonnull height, int *_Nonnull subsampling,
                       int *_Nonnull colors);
int codecs_jpeg_decode(void *_Nonnull handle, const void *_Nonnull bytes, size_t count,
                       void *_Nonnull pixels, int width, int pitch, int height, int format,
                       int flags);
size_t codecs_jpeg_bound(int width, int height, int subsampling);
int codecs_jpeg_encode(void *_Nonnull handle, const void *_Nonnull pixels, int width, int height,
                       void *_Nonnull bytes, size_t *_Nonnull count, int subsampling,
                       int quality);
const char *_Nonnull codecs_jpeg_message(void *_Nonnull handle);
int codecs_jpeg_severity(void *_Nonnull handle);

typedef struct {
  uint32_t width;
  uint32_t height;
  uint8_t bit_depth;
  uint8_t color_type;
  uint8_t compression_method;
  uint8_t filter_method;
  uint8_t interlace_method;
} codecs_png_header_t;

typedef struct {
  size_t length;
  const uint8_t *_Nullable data;
} codecs_png_exif_t;

// Values of spng.h.
enum {
  CODECS_PNG_RGB8 = 4,
  CODECS_PNG_FMT_PNG = 256,
  CODECS_PNG_ENCODER = 2,
  CODECS_PNG_FINALIZE = 2,
  CODECS_PNG_COMPRESSION_LEVEL = 2,
  CODECS_PNG_TO_BUFFER = 12,
};

void *_Nullable codecs_png_new(int flags);
void codecs_png_free(void *_Nonnull context);
int codecs_png_source(void *_Nonnull context, const void *_Nonnull bytes, size_t count);
int codecs_png_limits(void *_Nonnull context, uint32_t extent, size_t chunk_bytes);
int codecs_png_header(void *_Nonnull context, codecs_png_header_t *_Nonnull header);
int codecs_png_exif(void *_Nonnull context, codecs_png_exif_t *_Nonnull exif);
int codecs_png_decode(void *_Nonnull context, void *_Nonnull pixels, size_t count, int format);
int codecs_png_option(void *_Nonnull context, int option, int value);
int codecs_png_set_header(void *_Nonnull context, codecs_png_header_t *_Nonnull header);
int codecs_png_encode(void *_Nonnull context, const void *_Nonnull pixels, size_t count);
void *_Nullable codecs_png_take(void *_Nonnull context, size_t *_Nonnull count,
                                int *_Nonnull error);
const char *_Nonnull codecs_png_message(int error);

int codecs_webp_header(const uint8_t *_Nonnull bytes, size_t count, int *_Nonnull width,
                       int *_Nonnull height);
uint8_t *_Nullable codecs_webp_decode(const uint8_t *_Nonnull bytes, size_t count,
                                      uint8_t *_Nonnull pixels, size_t capacity, int pitch);
