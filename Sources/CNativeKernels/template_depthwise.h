#pragma once

// Depthwise convolution: lanes are channels, and a strip of them is kept for a few pixels while the
// taps pass, then finished like any other sum.

enum { depthwise_pixels = 4, depthwise_vectors = lane_count >= 8 ? 4 : 16 };

INLINE void depthwise_strip(const native_depthwise *_Nonnull conv, const uint8_t *_Nonnull input,
                            float *_Nonnull sums, int32_t channel, int32_t channels,
                            format input_format) {
  const int64_t bytes = element_bytes(input_format.type);
  for (int32_t c = 0; c < channels; c += lane_count) {
    int32_t count = smaller(lane_count, channels - c);
    vf sum = vf_set(0.0f);
    if (conv->input.type != NATIVE_U8 && conv->epilogue.bias)
      sum = vf_load(conv->epilogue.bias + channel + c);
    for (int32_t tap = 0; tap < conv->tap_count; tap++) {
      const uint8_t *source = input + conv->tap_offsets[tap] + (channel + c) * bytes;
      const float *weights = conv->weights + (int64_t)tap * conv->channels + channel + c;
      vf value = vf_load_values(source, input_format, count);
      sum = vf_fma(value, vf_load_count(weights, count), sum);
    }
    vf_store(sums + c, sum);
  }
}

INLINE void depthwise_rows(const native_depthwise *_Nonnull conv, int32_t first_row,
                           int32_t row_count, native_type type) {
  float sums[depthwise_vectors * lane_count];
  const int32_t strip = depthwise_vectors * lane_count;
  // The bytes' own scale is part of the epilogue's: here they are whole numbers.
  format input_format = {type, 1.0f, 1.0f, conv->input.zero};
  for (int32_t row = first_row; row < first_row + row_count; row++) {
    for (int32_t channel = 0; channel < conv->channels; channel += strip) {
      finish f = finish_of_row(&conv->epilogue, &conv->output, row, channel);
      f.sums = sums;
      f.sum_step = strip;
      f.pixels = 1;
      f.channels = smaller(strip, conv->channels - channel);
      const uint8_t *input = conv->input.data + row * conv->input.row_step;
      for (int32_t x = 0; x < conv->output_width; x++) {
        depthwise_strip(conv, input, sums, channel, f.channels, input_format);
        finish_typed(&f, type == NATIVE_U8 ? sums_to_scale : sums_with_bias);
        finish_advance(&f, 1);
        input += conv->input.pixel_step;
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
