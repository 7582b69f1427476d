#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Our own declarations of the parts of FFmpeg's libraries that are used here: libavformat,
// libavcodec, libavutil and libswscale of FFmpeg 5 to 8. They are opened at run time, once per
// process, so that building needs no development package. Call `video_open` first: it gives NULL,
// or why the libraries cannot be used. Nothing else may be called unless it gave NULL.
//
// What can be said by a function or a named option is; the few fields of structures that have
// neither are reached by the functions at the end. Where these lie is in `CVideoLayout.h`, by
// major version; `video_open` refuses versions that it does not list and checks the rest by
// harmless calls, and `Scripts/check-ffmpeg-abi` compares it with FFmpeg's headers.

/// Opens the libraries of the newest FFmpeg that is installed and known.
const char *_Nullable video_open(void);

/// AVRational.
typedef struct {
  int num;
  int den;
} video_rational_t;

// Opaque here: AVFormatContext, AVStream, AVIOContext, AVCodec, AVCodecContext,
// AVCodecParameters, AVPacket, AVFrame, AVFrameSideData, AVDictionary, SwsContext.
typedef struct video_format video_format_t;
typedef struct video_stream video_stream_t;
typedef struct video_io video_io_t;
typedef struct video_codec video_codec_t;
typedef struct video_coder video_coder_t;
typedef struct video_parameters video_parameters_t;
typedef struct video_packet video_packet_t;
typedef struct video_frame video_frame_t;
typedef struct video_side_data video_side_data_t;
typedef struct video_options video_options_t;
typedef struct video_scaler video_scaler_t;

// Values of FFmpeg's headers.
enum {
  VIDEO_MEDIA_VIDEO = 0,
  VIDEO_MEDIA_AUDIO = 1,
  VIDEO_IO_WRITE = 2,
  VIDEO_SEARCH_CHILDREN = 1,
  VIDEO_LOG_QUIET = -8,
  VIDEO_SCALE_BICUBIC = 4,
  VIDEO_FRAME_DISPLAY_MATRIX = 6,
  VIDEO_ERROR_AGAIN = -11,
  VIDEO_ERROR_END = -541478725,
  VIDEO_ERROR_INVALID = -1094995529,
};
/// A time that nobody knows.
#define VIDEO_NO_TIME INT64_MIN

/// X(library, result, name, arguments), in the order of `video_functions_t`.
#define VIDEO_FUNCTIONS(X)                                                                         \
  X(FORMAT, unsigned, avformat_version, (void))                                                    \
  X(FORMAT, int, avformat_open_input,                                                              \
    (video_format_t * _Nullable * _Nonnull, const char *_Nonnull, const void *_Nullable,           \
     video_options_t *_Nullable *_Nullable))                                                       \
  X(FORMAT, int, avformat_find_stream_info,                                                        \
    (video_format_t * _Nonnull, video_options_t * _Nullable * _Nullable))                          \
  X(FORMAT, int, av_find_best_stream,                                                              \
    (video_format_t * _Nonnull, int, int, int, const video_codec_t *_Nullable *_Nullable, int))    \
  X(FORMAT, video_rational_t, av_guess_frame_rate,                                                 \
    (video_format_t * _Nonnull, video_stream_t * _Nonnull, video_frame_t * _Nullable))             \
  X(FORMAT, int, av_read_frame, (video_format_t * _Nonnull, video_packet_t * _Nonnull))            \
  X(FORMAT, void, avformat_close_input, (video_format_t * _Nullable * _Nonnull))                   \
  X(FORMAT, int, avformat_alloc_output_context2,                                                   \
    (video_format_t * _Nullable * _Nonnull, const void *_Nullable, const char *_Nullable,          \
     const char *_Nullable))                                                                       \
  X(FORMAT, video_stream_t *_Nullable, avformat_new_stream,                                        \
    (video_format_t * _Nonnull, const video_codec_t *_Nullable))                                   \
  X(FORMAT, int, avio_open, (video_io_t * _Nullable * _Nonnull, const char *_Nonnull, int))        \
  X(FORMAT, int, avio_closep, (video_io_t * _Nullable * _Nonnull))                                 \
  X(FORMAT, int, avformat_write_header,                                                            \
    (video_format_t * _Nonnull, video_options_t * _Nullable * _Nullable))                          \
  X(FORMAT, int, av_interleaved_write_frame, (video_format_t * _Nonnull, video_packet_t * _Nonnull)) \
  X(FORMAT, int, av_write_trailer, (video_format_t * _Nonnull))                                    \
  X(FORMAT, void, avformat_free_context, (video_format_t * _Nullable))                             \
  X(CODEC, unsigned, avcodec_version, (void))                                                      \
  X(CODEC, const video_codec_t *_Nullable, avcodec_find_encoder_by_name, (const char *_Nonnull))   \
  X(CODEC, video_coder_t *_Nullable, avcodec_alloc_context3, (const video_codec_t *_Nullable))     \
  X(CODEC, void, avcodec_free_context, (video_coder_t * _Nullable * _Nonnull))                     \
  X(CODEC, int, avcodec_parameters_to_context,                                                     \
    (video_coder_t * _Nonnull, const video_parameters_t *_Nonnull))                                \
  X(CODEC, int, avcodec_parameters_from_context,                                                   \
    (video_parameters_t * _Nonnull, const video_coder_t *_Nonnull))                                \
  X(CODEC, int, avcodec_open2,                                                                     \
    (video_coder_t * _Nonnull, const video_codec_t *_Nullable,                                     \
     video_options_t *_Nullable *_Nullable))                                                       \
  X(CODEC, int, avcodec_send_packet, (video_coder_t * _Nonnull, const video_packet_t *_Nullable))  \
  X(CODEC, int, avcodec_receive_frame, (video_coder_t * _Nonnull, video_frame_t * _Nonnull))       \
  X(CODEC, int, avcodec_send_frame, (video_coder_t * _Nonnull, const video_frame_t *_Nullable))    \
  X(CODEC, int, avcodec_receive_packet, (video_coder_t * _Nonnull, video_packet_t * _Nonnull))     \
  X(CODEC, video_packet_t *_Nullable, av_packet_alloc, (void))                                     \
  X(CODEC, void, av_packet_free, (video_packet_t * _Nullable * _Nonnull))                          \
  X(CODEC, void, av_packet_unref, (video_packet_t * _Nonnull))                                     \
  X(CODEC, void, av_packet_rescale_ts,                                                             \
    (video_packet_t * _Nonnull, video_rational_t, video_rational_t))                               \
  X(UTIL, unsigned, avutil_version, (void))                                                        \
  X(UTIL, const char *_Nonnull, av_version_info, (void))                                           \
  X(UTIL, void, av_log_set_level, (int))                                                           \
  X(UTIL, void, av_max_alloc, (size_t))                                                            \
  X(UTIL, int, av_strerror, (int, char *_Nonnull, size_t))                                         \
  X(UTIL, video_frame_t *_Nullable, av_frame_alloc, (void))                                        \
  X(UTIL, void, av_frame_free, (video_frame_t * _Nullable * _Nonnull))                             \
  X(UTIL, void, av_frame_unref, (video_frame_t * _Nonnull))                                        \
  X(UTIL, int, av_frame_get_buffer, (video_frame_t * _Nonnull, int))                               \
  X(UTIL, int, av_frame_make_writable, (video_frame_t * _Nonnull))                                 \
  X(UTIL, video_side_data_t *_Nullable, av_frame_get_side_data,                                    \
    (const video_frame_t *_Nonnull, int))                                                          \
  X(UTIL, int, av_dict_set,                                                                        \
    (video_options_t * _Nullable * _Nonnull, const char *_Nonnull, const char *_Nullable, int))    \
  X(UTIL, void, av_dict_free, (video_options_t * _Nullable * _Nonnull))                            \
  X(UTIL, int, av_opt_set, (void *_Nonnull, const char *_Nonnull, const char *_Nonnull, int))      \
  X(UTIL, int, av_opt_set_int, (void *_Nonnull, const char *_Nonnull, int64_t, int))               \
  X(UTIL, int, av_opt_set_q, (void *_Nonnull, const char *_Nonnull, video_rational_t, int))        \
  X(UTIL, int, av_opt_set_image_size, (void *_Nonnull, const char *_Nonnull, int, int, int))       \
  X(UTIL, int, av_opt_set_pixel_fmt, (void *_Nonnull, const char *_Nonnull, int, int))             \
  X(UTIL, int, av_get_pix_fmt, (const char *_Nonnull))                                             \
  X(SCALE, unsigned, swscale_version, (void))                                                      \
  X(SCALE, video_scaler_t *_Nullable, sws_getCachedContext,                                        \
    (video_scaler_t * _Nullable, int, int, int, int, int, int, int, void *_Nullable,               \
     void *_Nullable, const double *_Nullable))                                                    \
  X(SCALE, int, sws_scale,                                                                         \
    (video_scaler_t * _Nonnull, const uint8_t *_Nullable const *_Nonnull, const int *_Nonnull, int, \
     int, uint8_t *_Nullable const *_Nonnull, const int *_Nonnull))                                \
  X(SCALE, void, sws_freeContext, (video_scaler_t * _Nullable))

#define VIDEO_FIELD(library, result, name, arguments) result(*_Nonnull name) arguments;
typedef struct {
  VIDEO_FUNCTIONS(VIDEO_FIELD)
} video_functions_t;
#undef VIDEO_FIELD

/// The functions; filled by `video_open`.
extern const video_functions_t *_Nonnull const video_functions;

/// Asks demuxers for what belongs to a whole stream (its rotation) with the first packet, where the
/// libraries want to be asked: from FFmpeg 8 on, decoders have it anyway.
void video_inject_side_data(video_format_t *_Nonnull format);

// The fields.

/// A stream of an opened file; NULL where there is none of that index.
video_stream_t *_Nullable video_stream(video_format_t *_Nonnull format, int index);
video_parameters_t *_Nonnull video_stream_parameters(video_stream_t *_Nonnull stream);
/// Seconds of one tick.
video_rational_t video_stream_time_base(video_stream_t *_Nonnull stream);
void video_set_stream_time_base(video_stream_t *_Nonnull stream, video_rational_t base);
/// In ticks, or VIDEO_NO_TIME.
int64_t video_stream_duration(video_stream_t *_Nonnull stream);
/// 0 where the file does not say.
int64_t video_stream_frame_count(video_stream_t *_Nonnull stream);
/// The whole file's, in microseconds, or VIDEO_NO_TIME.
int64_t video_duration(video_format_t *_Nonnull format);
void video_set_io(video_format_t *_Nonnull format, video_io_t *_Nullable io);
int video_packet_stream_index(video_packet_t *_Nonnull packet);
void video_set_packet_stream_index(video_packet_t *_Nonnull packet, int index);
/// How long it is shown, in ticks.
void video_set_packet_duration(video_packet_t *_Nonnull packet, int64_t duration);
const uint8_t *_Nullable const *_Nonnull video_frame_planes(video_frame_t *_Nonnull frame);
uint8_t *_Nullable const *_Nonnull video_frame_writable_planes(video_frame_t *_Nonnull frame);
const int *_Nonnull video_frame_strides(video_frame_t *_Nonnull frame);
int video_frame_width(video_frame_t *_Nonnull frame);
int video_frame_height(video_frame_t *_Nonnull frame);
int video_frame_format(video_frame_t *_Nonnull frame);
void video_set_frame_shape(video_frame_t *_Nonnull frame, int width, int height, int format);
/// When it is shown, or else when its packet was to be decoded; in ticks, or VIDEO_NO_TIME.
int64_t video_frame_time(video_frame_t *_Nonnull frame);
void video_set_frame_time(video_frame_t *_Nonnull frame, int64_t time);
/// The nine numbers of a display matrix; NULL where the data is shorter.
const int32_t *_Nullable video_side_data_matrix(video_side_data_t *_Nonnull data);
