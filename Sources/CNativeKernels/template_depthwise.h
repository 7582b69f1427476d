#pragma once

// Depthwise convolution: lanes are channels. A few pixels' sums of one vector of channels stay in
// registers while the taps pass, so that each weight is loaded once for all of them.

enum { depthwise_pixels = 8, depthwise_strip = 64 };

/// @param sums [pixels][depthwise_strip]
INLINE void depthwise_lanes(const native_depthwise *_Nonnull conv, const uint8_t *_Nonnull input,
                            float *_Nonnull sums, int32_t channel, int32_t count,
                            const int32_t pixels, format input_format) {
  vf sum[depthwise_pixels];
  vf start = vf_set(0.0f);
  if (input_format.type != NATIVE_U8 && conv->epilogue.bias)
    start = vf_load_count(conv->epilogue.bias + channel, count);
  for (int32_t p = 0; p < pixels; p++) sum[p] = start;
  input += channel * element_bytes(input_format.type);
  const float *weights = conv->weights + channel;
  for (int32_t tap = 0; tap < conv->tap_count; tap++, weights += conv->channels) {
    const uint8_t *source = input + conv->tap_offsets[tap];
    vf weight = vf_load_count(weights, count);
    for (int32_t p = 0; p < pixels; p++) {
      vf value = vf_load_values(source + p * conv->input.pixel_step, input_format, count);
      sum[p] = vf_fma(value, weight, sum[p]);
    }
  }
  for (int32_t p = 0; p < pixels; p++) vf_store(sums + p * depthwise_strip, sum[p]);
}

INLINE void depthwise_block(const native_depthwise *_Nonnull conv, const uint8_t *_Nonnull input,
                            float *_Nonnull sums, int32_t channel, int32_t channels,
                            const int32_t pixels, format input_format) {
  int32_t c = 0;
  for (; c + lane_count <= channels; c += lane_count)
    depthwise_lanes(conv, input, sums + c, channel + c, lane_count, pixels, input_format);
  if (c < channels)
    depthwise_lanes(conv, input, sums + c, channel + c, channels - c, pixels, input_format);
}

INLINE void depthwise_rows(const native_depthwise *_Nonnull conv, int32_t first_row,
                           int32_t row_count, native_type type) {
  _Alignas(64) float sums[depthwise_pixels * depthwise_strip];
  // The bytes' own scale is part of the epilogue's: here they are whole numbers.
  const format input_format = {type, 1.0f, 1.0f, conv->input.zero};
  const sum_kind kind = type == NATIVE_U8 ? sums_to_scale : sums_with_bias;
  for (int32_t row = first_row; row < first_row + row_count; row++) {
    for (int32_t channel = 0; channel < conv->channels; channel += depthwise_strip) {
      finish f = finish_of_row(&conv->epilogue, &conv->output, row, channel);
      f.sums = sums;
      f.sum_step = depthwise_strip;
      f.channels = smaller(depthwise_strip, conv->channels - channel);
      const uint8_t *input = conv->input.data + row * conv->input.row_step;
      for (int32_t x = 0; x < conv->output_width; x += f.pixels) {
        f.pixels = conv->output_width - x >= depthwise_pixels ? depthwise_pixels : 1;
        if (f.pixels == depthwise_pixels)
          depthwise_block(conv, input, sums, channel, f.channels, depthwise_pixels,
                          input_format);
        else
          depthwise_block(conv, input, sums, channel, f.channels, 1, input_format);
        finish_typed(&f, kind);
        finish_advance(&f, f.pixels);
        input += f.pixels * conv->input.pixel_step;
      }
    }
  }
}

void ISA(native_depthwise_run)(const native_depthwise *_Nonnull conv, int32_t first_row,
                               int32_t row_count) {
  switch (conv->input.type) {
    case NATIVE_U8: depthwise_rows(conv, first_row, row_count, NATIVE_U8); break;
    case NATIVE_BF16: depthwise_rows(conv, first_row, row_count, NATIVE_BF16); break;
    default: depthwise_rows(conv, first_row, row_count, NATIVE_F32); break;
  }
}
