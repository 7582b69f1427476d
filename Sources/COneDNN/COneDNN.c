#include "COneDNN.h"

enum {
  ForwardInference = 96,
  Direct = 1,
  AnyLayout = 1,
  Plain1D = 2,
  UserScratch = 1,
  QueryImplementation = 8,
  QueryWeights = 131,
  QueryScratch = 136,
  ArgumentSource = 1,
  ArgumentTarget = 17,
  ArgumentWeights = 33,
  ArgumentBias = 41,
  ArgumentScratch = 80,
};

const char *vtDnnlFill(void *library, VTDnnlTable *table) {
#define VT_DNNL_FIND(name, result, ...)             \
  *(void **)&table->name = dlsym(library, #name);   \
  if (!table->name) return #name;
  VT_DNNL_FUNCTIONS(VT_DNNL_FIND)
#undef VT_DNNL_FIND
  return NULL;
}

/// What the library asks for threads is the calling thread's own setting.
static int32_t begin_alone(const VTDnnlTable *table) {
  int32_t before = table->omp_get_max_threads();
  table->omp_set_num_threads(1);
  return before;
}

static VTDnnlLayout *pixels(const VTDnnlTable *table, const int64_t *extents, int32_t type) {
  VTDnnlLayout *layout = NULL;
  const int64_t channels = extents[1], row = extents[3] * channels;
  const int64_t strides[4] = {extents[2] * row, 1, row, channels};
  table->dnnl_memory_desc_create_with_strides(&layout, 4, extents, type, strides);
  return layout;
}

static VTDnnlAttributes *attributes(const VTDnnlTable *table,
                                    const VTDnnlConvolution *convolution) {
  VTDnnlAttributes *result = NULL;
  VTDnnlPostOps *post = NULL;
  int32_t status = table->dnnl_primitive_attr_create(&result);
  if (!status) status = table->dnnl_primitive_attr_set_scratchpad_mode(result, UserScratch);
  if (!status) status = table->dnnl_post_ops_create(&post);
  if (!status && convolution->sum == 2)
    status = table->dnnl_post_ops_append_sum(post, 1, 0, convolution->targetType);
  if (!status && convolution->activation)
    status = table->dnnl_post_ops_append_eltwise(post, convolution->activation,
                                                 convolution->alpha, convolution->beta);
  if (!status && convolution->sum == 1)
    status = table->dnnl_post_ops_append_sum(post, 1, 0, convolution->targetType);
  if (!status) status = table->dnnl_primitive_attr_set_post_ops(result, post);
  if (post) table->dnnl_post_ops_destroy(post);
  if (status && result) {
    table->dnnl_primitive_attr_destroy(result);
    result = NULL;
  }
  return result;
}

int32_t vtDnnlDescribe(const VTDnnlTable *table, VTDnnlEngine *engine,
                       const VTDnnlConvolution *convolution, const VTDnnlLayout *weights,
                       VTDnnlDescription **description) {
  const int32_t before = begin_alone(table);
  VTDnnlLayout *source = pixels(table, convolution->source, convolution->sourceType);
  VTDnnlLayout *target = pixels(table, convolution->target, convolution->targetType);
  VTDnnlLayout *any = NULL, *bias = NULL;
  table->dnnl_memory_desc_create_with_tag(&any, 4, convolution->weights,
                                          convolution->sourceType, AnyLayout);
  table->dnnl_memory_desc_create_with_tag(&bias, 1, convolution->weights, VTDnnlFloat32, Plain1D);
  VTDnnlAttributes *attribute = attributes(table, convolution);
  // The library counts dilations from 0.
  const int64_t dilations[2] = {convolution->dilations[0] - 1, convolution->dilations[1] - 1};
  const int64_t none[2] = {0, 0};
  int32_t status = 1;
  *description = NULL;
  if (source && target && any && bias && attribute)
    status = table->dnnl_convolution_forward_primitive_desc_create(
        description, engine, ForwardInference, Direct, source, weights ? weights : any, bias,
        target, convolution->strides, dilations, none, none, attribute);
  if (attribute) table->dnnl_primitive_attr_destroy(attribute);
  VTDnnlLayout *made[] = {source, target, any, bias};
  for (int i = 0; i < 4; i++)
    if (made[i]) table->dnnl_memory_desc_destroy(made[i]);
  table->omp_set_num_threads(before);
  return status;
}

int32_t vtDnnlRearrange(const VTDnnlTable *table, VTDnnlEngine *engine, const int64_t *extents,
                        int32_t type, const void *source, const VTDnnlLayout *layout,
                        void *target) {
  const int32_t before = begin_alone(table);
  const int64_t plane = extents[2] * extents[3];
  const int64_t strides[4] = {extents[1] * plane, plane, extents[3], 1};
  VTDnnlLayout *plain = NULL;
  VTDnnlDescription *description = NULL;
  VTDnnlPrimitive *primitive = NULL;
  VTDnnlMemory *from = NULL, *to = NULL;
  VTDnnlStream *stream = NULL;
  int32_t status = table->dnnl_memory_desc_create_with_strides(&plain, 4, extents, type, strides);
  if (!status)
    status = table->dnnl_reorder_primitive_desc_create(&description, plain, engine, layout, engine,
                                                       NULL);
  if (!status) status = table->dnnl_primitive_create(&primitive, description);
  if (!status) status = table->dnnl_memory_create(&from, plain, engine, (void *)source);
  if (!status) status = table->dnnl_memory_create(&to, layout, engine, target);
  if (!status) status = table->dnnl_stream_create(&stream, engine, 1);
  const VTDnnlArgument arguments[] = {{ArgumentSource, from}, {ArgumentTarget, to}};
  if (!status) status = table->dnnl_primitive_execute(primitive, stream, 2, arguments);
  if (stream) table->dnnl_stream_destroy(stream);
  if (to) table->dnnl_memory_destroy(to);
  if (from) table->dnnl_memory_destroy(from);
  if (primitive) table->dnnl_primitive_destroy(primitive);
  if (description) table->dnnl_primitive_desc_destroy(description);
  if (plain) table->dnnl_memory_desc_destroy(plain);
  table->omp_set_num_threads(before);
  return status;
}

const char *vtDnnlImplementation(const VTDnnlTable *table, const VTDnnlDescription *description) {
  const char *name = NULL;
  if (table->dnnl_primitive_desc_query(description, QueryImplementation, 0, &name)) return "";
  return name ? name : "";
}

const VTDnnlLayout *vtDnnlWeightsLayout(const VTDnnlTable *table,
                                        const VTDnnlDescription *description) {
  return table->dnnl_primitive_desc_query_md(description, QueryWeights, 0);
}

const VTDnnlLayout *vtDnnlScratchLayout(const VTDnnlTable *table,
                                        const VTDnnlDescription *description) {
  return table->dnnl_primitive_desc_query_md(description, QueryScratch, 0);
}

int32_t vtDnnlRun(const VTDnnlTable *table, const VTDnnlPrimitive *primitive,
                  const VTDnnlWorker *worker, VTDnnlMemory *weights, VTDnnlMemory *bias,
                  const void *source, void *target, void *scratch) {
  // A thread of ours is not one of the library's team: it must not start another one.
  const int32_t before = begin_alone(table);
  int32_t status = table->dnnl_memory_set_data_handle(worker->source, (void *)source);
  if (!status) status = table->dnnl_memory_set_data_handle(worker->target, target);
  if (!status && worker->scratch)
    status = table->dnnl_memory_set_data_handle(worker->scratch, scratch);
  const VTDnnlArgument arguments[] = {
      {ArgumentSource, worker->source}, {ArgumentTarget, worker->target},
      {ArgumentWeights, weights},       {ArgumentBias, bias},
      {ArgumentScratch, worker->scratch}};
  const int32_t count = worker->scratch ? 5 : 4;
  if (!status)
    status = table->dnnl_primitive_execute(primitive, worker->stream, count, arguments);
  table->omp_set_num_threads(before);
  return status;
}
