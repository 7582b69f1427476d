#include "lanes_portable.h"

#define ISA(name) name##_amx_emulated

#include "template_activation.h"
#include "template_finish.h"

// Tile registers in memory, with the instructions' arithmetic: integers wrap, bfloat16 has its even
// and its odd products summed apart before both are added. (Numbers below 2^-126, which the
// instructions take for zero, are kept.)

enum { tile_count = 8, tile_bytes = 64 };

typedef struct emulated_tiles {
  int32_t rows[tile_count], row_bytes[tile_count];
  uint8_t data[tile_count][16][tile_bytes];
} emulated_tiles;

static void tile_zero(emulated_tiles *tiles, int target) {
  memset(tiles->data[target], 0, sizeof tiles->data[target]);
}

static void tile_load(emulated_tiles *tiles, int target, const uint8_t *source, int64_t step) {
  tile_zero(tiles, target);
  for (int32_t row = 0; row < tiles->rows[target]; row++)
    memcpy(tiles->data[target][row], source + row * step, (size_t)tiles->row_bytes[target]);
}

static void tile_store(const emulated_tiles *tiles, int source, float *target, int64_t step) {
  for (int32_t row = 0; row < tiles->rows[source]; row++)
    memcpy((uint8_t *)target + row * step, tiles->data[source][row],
           (size_t)tiles->row_bytes[source]);
}

static void dot_bytes(emulated_tiles *tiles, int sums, int pixels, int weights) {
  for (int32_t row = 0; row < tiles->rows[sums]; row++)
    for (int32_t lane = 0; lane < 16; lane++) {
      uint32_t sum;
      memcpy(&sum, tiles->data[sums][row] + 4 * lane, 4);
      for (int32_t byte = 0; byte < tiles->row_bytes[pixels]; byte++) {
        const int8_t weight = (int8_t)tiles->data[weights][byte / 4][4 * lane + byte % 4];
        sum += (uint32_t)(tiles->data[pixels][row][byte] * weight);
      }
      memcpy(tiles->data[sums][row] + 4 * lane, &sum, 4);
    }
}

static void dot_halves(emulated_tiles *tiles, int sums, int pixels, int weights) {
  const format half = {.type = NATIVE_BF16};
  for (int32_t row = 0; row < tiles->rows[sums]; row++)
    for (int32_t lane = 0; lane < 16; lane++) {
      float parts[2] = {0, 0}, sum;
      memcpy(&sum, tiles->data[sums][row] + 4 * lane, 4);
      for (int32_t group = 0; group < tiles->row_bytes[pixels] / 4; group++)
        for (int part = 0; part < 2; part++)
          parts[part] += load_value(tiles->data[pixels][row] + 4 * group + 2 * part, half) *
                         load_value(tiles->data[weights][group] + 4 * lane + 2 * part, half);
      sum += parts[0] + parts[1];
      memcpy(tiles->data[sums][row] + 4 * lane, &sum, 4);
    }
}

#define TILE_STATE emulated_tiles *_Nonnull tiles
#define TILES tiles
#define TILE_CONFIGURE(shapes)                     \
  emulated_tiles state = {0}, *tiles = &state;     \
  for (int index = 0; index < tile_count; index++) { \
    tiles->rows[index] = shapes.rows[index];       \
    tiles->row_bytes[index] = shapes.row_bytes[index]; \
  }
#define TILE_RELEASE()
#define TILE_ZERO(target) tile_zero(tiles, target)
#define TILE_LOAD(target, source, step) tile_load(tiles, target, source, step)
#define TILE_STORE(source, target, step) tile_store(tiles, source, target, step)
#define TILE_DOT(sums, pixels, weights, type)    \
  do {                                           \
    if ((type) == NATIVE_U8)                     \
      dot_bytes(tiles, sums, pixels, weights);   \
    else                                         \
      dot_halves(tiles, sums, pixels, weights);  \
  } while (0)

#include "template_convolution_amx.h"

void native_conv_run_amx_emulated(const native_conv *conv, int32_t first_row, int32_t row_count,
                                  int32_t first_block, int32_t block_count) {
  if (!convolve_by_tiles(conv, first_row, row_count, first_block, block_count))
    native_conv_run_portable(conv, first_row, row_count, first_block, block_count);
}
