#include "CVideoCodecs.h"
#include "CVideoLayout.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { FORMAT, CODEC, UTIL, SCALE, LIBRARY_COUNT };
enum { OLDEST = 59, NEWEST = 62, RELEASE_COUNT = NEWEST - OLDEST + 1 };

static const char *const library_names[LIBRARY_COUNT] = {"libavformat", "libavcodec", "libavutil",
                                                         "libswscale"};
/// The major versions that belong together, FFmpeg 5 to 8.
static const int majors[RELEASE_COUNT][LIBRARY_COUNT] = {
    {59, 59, 57, 6}, {60, 60, 58, 7}, {61, 61, 59, 8}, {62, 62, 60, 9}};

#define LAYOUT_NAME(name, structure, field, ...) name,
enum { VIDEO_LAYOUT(LAYOUT_NAME) LAYOUT_COUNT };
#define LAYOUT_ROW(name, structure, field, ...) {__VA_ARGS__},
static const int layouts[LAYOUT_COUNT][RELEASE_COUNT] = {VIDEO_LAYOUT(LAYOUT_ROW)};

static int release; // the column of `layouts`
static video_functions_t functions;
static void (*inject_side_data)(video_format_t *);
static char problem[512];
static pthread_once_t once = PTHREAD_ONCE_INIT;
const video_functions_t *const video_functions = &functions;

#define AT(type, object, name) ((type *)((char *)(object) + layouts[name][release]))

/// The name of a library's file.
static const char *file_name(int library, int major, char *buffer, size_t size) {
  snprintf(buffer, size, "%s.so.%d", library_names[library], major);
  return buffer;
}

static bool open_release(int index, void **handles) {
  char name[64];
  for (int library = 0; library < LIBRARY_COUNT; library++) {
    file_name(library, majors[index][library], name, sizeof name);
    handles[library] = dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (!handles[library]) {
      const char *reason = dlerror();
      // Of an FFmpeg that is there in part, what is missing says more than of one that is not.
      if (library > 0 || !problem[0])
        snprintf(problem, sizeof problem, "%s", reason ? reason : name);
      return false;
    }
  }
  return true;
}

/// An FFmpeg that is there, but whose structures are not known here.
static void name_unknown_release(void) {
  char name[64];
  for (int major = 54; major < NEWEST + 8; major++) {
    if (major >= OLDEST && major <= NEWEST) continue;
    file_name(FORMAT, major, name, sizeof name);
    void *handle = dlopen(name, RTLD_LAZY | RTLD_LOCAL);
    if (!handle) continue;
    snprintf(problem, sizeof problem,
             "%s is of a release of FFmpeg that is not known here; releases 5 to 8 are "
             "(libavformat %d to %d)",
             name, OLDEST, NEWEST);
    dlclose(handle);
    return;
  }
}

static bool find_functions(void **handles) {
  static const struct {
    int library;
    const char *name;
  } rows[] = {
#define FUNCTION_ROW(library, result, name, arguments) {library, #name},
      VIDEO_FUNCTIONS(FUNCTION_ROW)};
  void **table = (void **)&functions;
  for (size_t index = 0; index < sizeof rows / sizeof *rows; index++) {
    table[index] = dlsym(handles[rows[index].library], rows[index].name);
    if (!table[index]) {
      snprintf(problem, sizeof problem, "%s has no function %s",
               library_names[rows[index].library], rows[index].name);
      return false;
    }
  }
  inject_side_data = dlsym(handles[FORMAT], "av_format_inject_global_side_data");
  return true;
}

static bool versions_fit(void) {
  unsigned found[LIBRARY_COUNT] = {functions.avformat_version(), functions.avcodec_version(),
                                   functions.avutil_version(), functions.swscale_version()};
  for (int library = 0; library < LIBRARY_COUNT; library++) {
    int major = (int)(found[library] >> 16);
    if (major == majors[release][library]) continue;
    snprintf(problem, sizeof problem, "%s says that it is of version %d, not %d",
             library_names[library], major, majors[release][library]);
    return false;
  }
  return true;
}

/// New objects have values that are known: they must lie where the layout says.
static bool layout_fits(void) {
  bool fits = false;
  video_format_t *format = NULL;
  video_frame_t *frame = functions.av_frame_alloc();
  video_packet_t *packet = functions.av_packet_alloc();
  functions.avformat_alloc_output_context2(&format, NULL, "mp4", NULL);
  if (!format) functions.avformat_alloc_output_context2(&format, NULL, "avi", NULL);
  if (format && frame && packet) {
    video_stream_t *first = functions.avformat_new_stream(format, NULL);
    video_stream_t *second = functions.avformat_new_stream(format, NULL);
    fits = first && second && *AT(unsigned, format, FORMAT_STREAM_COUNT) == 2 &&
           *AT(void *, format, FORMAT_PB) == NULL && video_stream(format, 0) == first &&
           video_stream(format, 1) == second && *AT(int, first, STREAM_INDEX) == 0 &&
           *AT(int, second, STREAM_INDEX) == 1 && *AT(int64_t, first, STREAM_START) == VIDEO_NO_TIME &&
           video_stream_duration(first) == VIDEO_NO_TIME && video_stream_frame_count(first) == 0 &&
           *AT(int, video_stream_parameters(second), PARAMETERS_TYPE) == -1 &&
           *AT(int64_t, packet, PACKET_PTS) == VIDEO_NO_TIME &&
           *AT(int64_t, packet, PACKET_DURATION) == 0 &&
           video_packet_stream_index(packet) == 0 && video_frame_time(frame) == VIDEO_NO_TIME &&
           video_frame_format(frame) == -1 && video_frame_width(frame) == 0;
    int rgb = functions.av_get_pix_fmt("rgb24");
    if (fits) {
      video_set_frame_shape(frame, 40, 30, rgb);
      fits = functions.av_frame_get_buffer(frame, 0) == 0 && video_frame_planes(frame)[0] &&
             !video_frame_planes(frame)[1] && video_frame_strides(frame)[0] >= 120 &&
             video_frame_strides(frame)[0] < 1000;
    }
  }
  if (packet) functions.av_packet_free(&packet);
  if (frame) functions.av_frame_free(&frame);
  functions.avformat_free_context(format);
  if (!fits)
    snprintf(problem, sizeof problem,
             "FFmpeg %s lays its structures out in another way than its version says",
             functions.av_version_info());
  return fits;
}

static void load(void) {
  void *handles[LIBRARY_COUNT];
  if (sizeof(void *) != 8) {
    snprintf(problem, sizeof problem, "only 64-bit systems are known here");
    return;
  }
  int index = RELEASE_COUNT - 1;
  while (index >= 0 && !open_release(index, handles)) index--;
  if (index < 0) {
    name_unknown_release();
    return;
  }
  problem[0] = 0;
  release = index;
  if (!find_functions(handles) || !versions_fit()) return;
  functions.av_log_set_level(VIDEO_LOG_QUIET);
  layout_fits();
}

const char *video_open(void) {
  pthread_once(&once, load);
  return problem[0] ? problem : NULL;
}

void video_inject_side_data(video_format_t *format) {
  if (inject_side_data) inject_side_data(format);
}

video_stream_t *video_stream(video_format_t *format, int index) {
  if (index < 0 || (unsigned)index >= *AT(unsigned, format, FORMAT_STREAM_COUNT)) return NULL;
  return (*AT(video_stream_t **, format, FORMAT_STREAMS))[index];
}
video_parameters_t *video_stream_parameters(video_stream_t *stream) {
  return *AT(video_parameters_t *, stream, STREAM_PARAMETERS);
}
video_rational_t video_stream_time_base(video_stream_t *stream) {
  return *AT(video_rational_t, stream, STREAM_TIME_BASE);
}
void video_set_stream_time_base(video_stream_t *stream, video_rational_t base) {
  *AT(video_rational_t, stream, STREAM_TIME_BASE) = base;
}
int64_t video_stream_duration(video_stream_t *stream) {
  return *AT(int64_t, stream, STREAM_DURATION);
}
int64_t video_stream_frame_count(video_stream_t *stream) {
  return *AT(int64_t, stream, STREAM_FRAME_COUNT);
}
int64_t video_duration(video_format_t *format) { return *AT(int64_t, format, FORMAT_DURATION); }
void video_set_io(video_format_t *format, video_io_t *io) {
  *AT(video_io_t *, format, FORMAT_PB) = io;
}
int video_packet_stream_index(video_packet_t *packet) {
  return *AT(int, packet, PACKET_STREAM_INDEX);
}
void video_set_packet_stream_index(video_packet_t *packet, int index) {
  *AT(int, packet, PACKET_STREAM_INDEX) = index;
}
void video_set_packet_duration(video_packet_t *packet, int64_t duration) {
  *AT(int64_t, packet, PACKET_DURATION) = duration;
}
const uint8_t *const *video_frame_planes(video_frame_t *frame) {
  return AT(const uint8_t *const, frame, FRAME_PLANES);
}
uint8_t *const *video_frame_writable_planes(video_frame_t *frame) {
  return AT(uint8_t *const, frame, FRAME_PLANES);
}
const int *video_frame_strides(video_frame_t *frame) { return AT(const int, frame, FRAME_STRIDES); }
int video_frame_width(video_frame_t *frame) { return *AT(int, frame, FRAME_WIDTH); }
int video_frame_height(video_frame_t *frame) { return *AT(int, frame, FRAME_HEIGHT); }
int video_frame_format(video_frame_t *frame) { return *AT(int, frame, FRAME_FORMAT); }
void video_set_frame_shape(video_frame_t *frame, int width, int height, int format) {
  *AT(int, frame, FRAME_WIDTH) = width;
  *AT(int, frame, FRAME_HEIGHT) = height;
  *AT(int, frame, FRAME_FORMAT) = format;
}
int64_t video_frame_time(video_frame_t *frame) {
  int64_t shown = *AT(int64_t, frame, FRAME_PTS);
  return shown != VIDEO_NO_TIME ? shown : *AT(int64_t, frame, FRAME_PACKET_TIME);
}
void video_set_frame_time(video_frame_t *frame, int64_t time) {
  *AT(int64_t, frame, FRAME_PTS) = time;
}
const int32_t *video_side_data_matrix(video_side_data_t *data) {
  if (*AT(size_t, data, SIDE_DATA_SIZE) < 9 * sizeof(int32_t)) return NULL;
  return *AT(const int32_t *, data, SIDE_DATA_BYTES);
}
