#pragma once

// Where fields lie in FFmpeg's structures, in bytes, on 64-bit systems. Within a major version
// fields are only ever added at the end. `Scripts/check-ffmpeg-abi` compares with headers.

/// X(name, structure, field, FFmpeg 5, 6, 7, 8): libavformat 59, 60, 61, 62.
#define VIDEO_LAYOUT(X)                                                                            \
  X(FORMAT_PB, AVFormatContext, pb, 32, 32, 32, 32)                                                \
  X(FORMAT_STREAM_COUNT, AVFormatContext, nb_streams, 44, 44, 44, 44)                              \
  X(FORMAT_STREAMS, AVFormatContext, streams, 48, 48, 48, 48)                                      \
  X(FORMAT_DURATION, AVFormatContext, duration, 72, 72, 104, 104)                                  \
  X(STREAM_INDEX, AVStream, index, 0, 8, 8, 8)                                                     \
  X(STREAM_PARAMETERS, AVStream, codecpar, 208, 16, 16, 16)                                        \
  X(STREAM_TIME_BASE, AVStream, time_base, 16, 32, 32, 32)                                         \
  X(STREAM_START, AVStream, start_time, 24, 40, 40, 40)                                            \
  X(STREAM_DURATION, AVStream, duration, 32, 48, 48, 48)                                           \
  X(STREAM_FRAME_COUNT, AVStream, nb_frames, 40, 56, 56, 56)                                       \
  X(PARAMETERS_TYPE, AVCodecParameters, codec_type, 0, 0, 0, 0)                                    \
  X(PACKET_PTS, AVPacket, pts, 8, 8, 8, 8)                                                         \
  X(PACKET_STREAM_INDEX, AVPacket, stream_index, 36, 36, 36, 36)                                   \
  X(PACKET_DURATION, AVPacket, duration, 64, 64, 64, 64)                                           \
  X(FRAME_PLANES, AVFrame, data, 0, 0, 0, 0)                                                       \
  X(FRAME_STRIDES, AVFrame, linesize, 64, 64, 64, 64)                                              \
  X(FRAME_WIDTH, AVFrame, width, 104, 104, 104, 104)                                               \
  X(FRAME_HEIGHT, AVFrame, height, 108, 108, 108, 108)                                             \
  X(FRAME_FORMAT, AVFrame, format, 116, 116, 116, 116)                                             \
  X(FRAME_PTS, AVFrame, pts, 136, 136, 136, 136)                                                   \
  X(FRAME_PACKET_TIME, AVFrame, pkt_dts, 144, 144, 144, 144)                                       \
  X(SIDE_DATA_BYTES, AVFrameSideData, data, 8, 8, 8, 8)                                            \
  X(SIDE_DATA_SIZE, AVFrameSideData, size, 16, 16, 16, 16)
