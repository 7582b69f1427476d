/// Every standard operator of opsets 7 to 24: one line per form, continued by indented ones.
///
/// `Name since operands>results attribute:type…`: operands and results are `s` (single), `o`
/// (optional) and `vN` (at least N more); attribute types are `i f s t g` (integer, number,
/// text, tensor, graph), `is fs ss gs` (lists), `st` (sparse tensor), `tp` (type); `!` marks a
/// required one; `deprecated` ends an operator. Source: the signatures in ONNX,
/// docs/Changelog.md.
enum OperatorTable {
  static let text = """
    Abs 6 s>s
    Acos 7 s>s
    Acosh 9 s>s
    Add 7 ss>s
    AffineGrid 20 ss>s align_corners:i
    And 7 ss>s
    ArgMax 1 s>s axis:i keepdims:i
    ArgMax 12 s>s axis:i keepdims:i select_last_index:i
    ArgMin 1 s>s axis:i keepdims:i
    ArgMin 12 s>s axis:i keepdims:i select_last_index:i
    Asin 7 s>s
    Asinh 9 s>s
    Atan 7 s>s
    Atanh 9 s>s
    Attention 23 sssooo>sooo is_causal:i kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i
      scale:f softcap:f softmax_precision:i
    Attention 24 sssoooo>sooo is_causal:i kv_num_heads:i q_num_heads:i qk_matmul_output_mode:i
      scale:f softcap:f softmax_precision:i
    AveragePool 7 s>s auto_pad:s count_include_pad:i kernel_shape:is! pads:is strides:is
    AveragePool 10 s>s auto_pad:s ceil_mode:i count_include_pad:i kernel_shape:is! pads:is
      strides:is
    AveragePool 19 s>s auto_pad:s ceil_mode:i count_include_pad:i dilations:is kernel_shape:is!
      pads:is strides:is
    BatchNormalization 7 sssss>soooo epsilon:f momentum:f spatial:i
    BatchNormalization 9 sssss>soooo epsilon:f momentum:f
    BatchNormalization 14 sssss>soo epsilon:f momentum:f training_mode:i
    Bernoulli 15 s>s dtype:i seed:f
    BitShift 11 ss>s direction:s!
    BitwiseAnd 18 ss>s
    BitwiseNot 18 s>s
    BitwiseOr 18 ss>s
    BitwiseXor 18 ss>s
    BlackmanWindow 17 s>s output_datatype:i periodic:i
    Cast 6 s>s to:i!
    Cast 19 s>s saturate:i to:i!
    Cast 24 s>s round_mode:s saturate:i to:i!
    CastLike 15 ss>s
    CastLike 19 ss>s saturate:i
    CastLike 24 ss>s round_mode:s saturate:i
    Ceil 6 s>s
    Celu 12 s>s alpha:f
    CenterCropPad 18 ss>s axes:is
    Clip 6 s>s max:f min:f
    Clip 11 soo>s
    Col2Im 18 sss>s dilations:is pads:is strides:is
    Compress 9 ss>s axis:i
    Concat 4 v1>s axis:i!
    ConcatFromSequence 11 s>s axis:i! new_axis:i
    Constant 1 >s value:t!
    Constant 11 >s sparse_value:st value:t
    Constant 12 >s sparse_value:st value:t value_float:f value_floats:fs value_int:i
      value_ints:is value_string:s value_strings:ss
    ConstantOfShape 9 s>s value:t
    Conv 1 sso>s auto_pad:s dilations:is group:i kernel_shape:is pads:is strides:is
    ConvInteger 10 ssoo>s auto_pad:s dilations:is group:i kernel_shape:is pads:is strides:is
    ConvTranspose 1 sso>s auto_pad:s dilations:is group:i kernel_shape:is output_padding:is
      output_shape:is pads:is strides:is
    Cos 7 s>s
    Cosh 9 s>s
    CumSum 11 ss>s exclusive:i reverse:i
    DFT 17 so>s axis:i inverse:i onesided:i
    DFT 20 soo>s inverse:i onesided:i
    DeformConv 19 sssoo>s dilations:is group:i kernel_shape:is offset_group:i pads:is strides:is
    DepthToSpace 1 s>s blocksize:i!
    DepthToSpace 11 s>s blocksize:i! mode:s
    DequantizeLinear 10 sso>s
    DequantizeLinear 13 sso>s axis:i
    DequantizeLinear 21 sso>s axis:i block_size:i
    DequantizeLinear 23 sso>s axis:i block_size:i output_dtype:i
    Det 11 s>s
    Div 7 ss>s
    Dropout 7 s>so ratio:f
    Dropout 12 soo>so seed:i
    DynamicQuantizeLinear 11 s>sss
    Einsum 12 v1>s equation:s!
    Elu 6 s>s alpha:f
    Equal 7 ss>s
    Erf 9 s>s
    Exp 6 s>s
    Expand 8 ss>s
    EyeLike 9 s>s dtype:i k:i
    Flatten 1 s>s axis:i
    Floor 6 s>s
    GRU 7 sssooo>oo activation_alpha:fs activation_beta:fs activations:ss clip:f direction:s
      hidden_size:i linear_before_reset:i
    GRU 14 sssooo>oo activation_alpha:fs activation_beta:fs activations:ss clip:f direction:s
      hidden_size:i layout:i linear_before_reset:i
    Gather 1 ss>s axis:i
    GatherElements 11 ss>s axis:i
    GatherND 11 ss>s
    GatherND 12 ss>s batch_dims:i
    Gelu 20 s>s approximate:s
    Gemm 7 sss>s alpha:f beta:f transA:i transB:i
    Gemm 11 sso>s alpha:f beta:f transA:i transB:i
    GlobalAveragePool 1 s>s
    GlobalLpPool 2 s>s p:i
    GlobalMaxPool 1 s>s
    Greater 7 ss>s
    GreaterOrEqual 12 ss>s
    GridSample 16 ss>s align_corners:i mode:s padding_mode:s
    GroupNormalization 18 deprecated epsilon:f num_groups:i!
    GroupNormalization 21 sss>s epsilon:f num_groups:i! stash_type:i
    HammingWindow 17 s>s output_datatype:i periodic:i
    HannWindow 17 s>s output_datatype:i periodic:i
    HardSigmoid 6 s>s alpha:f beta:f
    HardSwish 14 s>s
    Hardmax 1 s>s axis:i
    Identity 1 s>s
    If 1 s>v1 else_branch:g! then_branch:g!
    ImageDecoder 20 s>s pixel_format:s
    InstanceNormalization 6 sss>s epsilon:f
    IsInf 10 s>s detect_negative:i detect_positive:i
    IsNaN 9 s>s
    LRN 1 s>s alpha:f beta:f bias:f size:i!
    LSTM 7 sssooooo>ooo activation_alpha:fs activation_beta:fs activations:ss clip:f direction:s
      hidden_size:i input_forget:i
    LSTM 14 sssooooo>ooo activation_alpha:fs activation_beta:fs activations:ss clip:f
      direction:s hidden_size:i input_forget:i layout:i
    LayerNormalization 17 sso>soo axis:i epsilon:f stash_type:i
    LeakyRelu 6 s>s alpha:f
    Less 7 ss>s
    LessOrEqual 12 ss>s
    Log 6 s>s
    LogSoftmax 1 s>s axis:i
    Loop 1 oov1>v1 body:g!
    Loop 11 oov0>v1 body:g!
    LpNormalization 1 s>s axis:i p:i
    LpPool 2 s>s auto_pad:s kernel_shape:is! p:i pads:is strides:is
    LpPool 18 s>s auto_pad:s ceil_mode:i dilations:is kernel_shape:is! p:i pads:is strides:is
    MatMul 1 ss>s
    MatMulInteger 10 ssoo>s
    Max 6 v1>s
    MaxPool 1 s>s auto_pad:s kernel_shape:is! pads:is strides:is
    MaxPool 8 s>so auto_pad:s kernel_shape:is! pads:is storage_order:i strides:is
    MaxPool 10 s>so auto_pad:s ceil_mode:i dilations:is kernel_shape:is! pads:is storage_order:i
      strides:is
    MaxRoiPool 1 ss>s pooled_shape:is! spatial_scale:f
    MaxUnpool 9 sso>s kernel_shape:is! pads:is strides:is
    Mean 6 v1>s
    MeanVarianceNormalization 9 s>s axes:is
    MelWeightMatrix 17 sssss>s output_datatype:i
    Min 6 v1>s
    Mish 18 s>s
    Mod 10 ss>s fmod:i
    Mul 7 ss>s
    Multinomial 7 s>s dtype:i sample_size:i seed:f
    Neg 6 s>s
    NegativeLogLikelihoodLoss 12 sso>s ignore_index:i reduction:s
    NonMaxSuppression 10 ssooo>s center_point_box:i
    NonZero 9 s>s
    Not 1 s>s
    OneHot 9 sss>s axis:i
    Optional 15 o>s type:tp
    OptionalGetElement 15 s>s
    OptionalHasElement 15 s>s
    OptionalHasElement 18 o>s
    Or 7 ss>s
    PRelu 7 ss>s
    Pad 2 s>s mode:s pads:is! value:f
    Pad 11 sso>s mode:s
    Pad 18 ssoo>s mode:s
    Pow 7 ss>s
    QLinearConv 10 sssssssso>s auto_pad:s dilations:is group:i kernel_shape:is pads:is
      strides:is
    QLinearMatMul 10 ssssssss>s
    QuantizeLinear 10 sso>s
    QuantizeLinear 13 sso>s axis:i
    QuantizeLinear 19 sso>s axis:i saturate:i
    QuantizeLinear 21 sso>s axis:i block_size:i output_dtype:i saturate:i
    QuantizeLinear 23 sso>s axis:i block_size:i output_dtype:i precision:i saturate:i
    RMSNormalization 23 ss>s axis:i epsilon:f stash_type:i
    RNN 7 sssooo>oo activation_alpha:fs activation_beta:fs activations:ss clip:f direction:s
      hidden_size:i
    RNN 14 sssooo>oo activation_alpha:fs activation_beta:fs activations:ss clip:f direction:s
      hidden_size:i layout:i
    RandomNormal 1 >s dtype:i mean:f scale:f seed:f shape:is!
    RandomNormalLike 1 s>s dtype:i mean:f scale:f seed:f
    RandomUniform 1 >s dtype:i high:f low:f seed:f shape:is!
    RandomUniformLike 1 s>s dtype:i high:f low:f seed:f
    Range 11 sss>s
    Reciprocal 6 s>s
    ReduceL1 1 s>s axes:is keepdims:i
    ReduceL1 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceL2 1 s>s axes:is keepdims:i
    ReduceL2 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceLogSum 1 s>s axes:is keepdims:i
    ReduceLogSum 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceLogSumExp 1 s>s axes:is keepdims:i
    ReduceLogSumExp 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceMax 1 s>s axes:is keepdims:i
    ReduceMax 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceMean 1 s>s axes:is keepdims:i
    ReduceMean 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceMin 1 s>s axes:is keepdims:i
    ReduceMin 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceProd 1 s>s axes:is keepdims:i
    ReduceProd 18 so>s keepdims:i noop_with_empty_axes:i
    ReduceSum 1 s>s axes:is keepdims:i
    ReduceSum 13 so>s keepdims:i noop_with_empty_axes:i
    ReduceSumSquare 1 s>s axes:is keepdims:i
    ReduceSumSquare 18 so>s keepdims:i noop_with_empty_axes:i
    RegexFullMatch 20 s>s pattern:s
    Relu 6 s>s
    Reshape 5 ss>s
    Reshape 14 ss>s allowzero:i
    Resize 10 ss>s mode:s
    Resize 11 ssso>s coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i
      extrapolation_value:f mode:s nearest_mode:s
    Resize 13 sooo>s coordinate_transformation_mode:s cubic_coeff_a:f exclude_outside:i
      extrapolation_value:f mode:s nearest_mode:s
    Resize 18 sooo>s antialias:i axes:is coordinate_transformation_mode:s cubic_coeff_a:f
      exclude_outside:i extrapolation_value:f keep_aspect_ratio_policy:s mode:s nearest_mode:s
    ReverseSequence 10 ss>s batch_axis:i time_axis:i
    RoiAlign 10 sss>s mode:s output_height:i output_width:i sampling_ratio:i spatial_scale:f
    RoiAlign 16 sss>s coordinate_transformation_mode:s mode:s output_height:i output_width:i
      sampling_ratio:i spatial_scale:f
    RotaryEmbedding 23 ssso>s interleaved:i num_heads:i rotary_embedding_dim:i
    Round 11 s>s
    STFT 17 ssoo>s onesided:i
    Scan 8 ov1>v1 body:g! directions:is num_scan_inputs:i!
    Scan 9 v1>v1 body:g! num_scan_inputs:i! scan_input_axes:is scan_input_directions:is
      scan_output_axes:is scan_output_directions:is
    Scatter 9 sss>s axis:i
    Scatter 11 deprecated axis:i
    ScatterElements 11 sss>s axis:i
    ScatterElements 16 sss>s axis:i reduction:s
    ScatterND 11 sss>s
    ScatterND 16 sss>s reduction:s
    Selu 6 s>s alpha:f gamma:f
    SequenceAt 11 ss>s
    SequenceConstruct 11 v1>s
    SequenceEmpty 11 >s dtype:i
    SequenceErase 11 so>s
    SequenceInsert 11 sso>s
    SequenceLength 11 s>s
    SequenceMap 17 sv0>v1 body:g!
    Shape 1 s>s
    Shape 15 s>s end:i start:i
    Shrink 9 s>s bias:f lambd:f
    Sigmoid 6 s>s
    Sign 9 s>s
    Sin 7 s>s
    Sinh 9 s>s
    Size 1 s>s
    Slice 1 s>s axes:is ends:is! starts:is!
    Slice 10 sssoo>s
    Softmax 1 s>s axis:i
    SoftmaxCrossEntropyLoss 12 sso>so ignore_index:i reduction:s
    Softplus 1 s>s
    Softsign 1 s>s
    SpaceToDepth 1 s>s blocksize:i!
    Split 2 s>v1 axis:i split:is
    Split 13 so>v1 axis:i
    Split 18 so>v1 axis:i num_outputs:i
    SplitToSequence 11 so>s axis:i keepdims:i
    Sqrt 6 s>s
    Squeeze 1 s>s axes:is
    Squeeze 13 so>s
    StringConcat 20 ss>s
    StringNormalizer 10 s>s case_change_action:s is_case_sensitive:i locale:s stopwords:ss
    StringSplit 20 s>ss delimiter:s maxsplit:i
    Sub 7 ss>s
    Sum 6 v1>s
    Swish 24 s>s alpha:f
    Tan 7 s>s
    Tanh 6 s>s
    TensorScatter 24 sso>s axis:i mode:s
    TfIdfVectorizer 9 s>s max_gram_length:i! max_skip_count:i! min_gram_length:i! mode:s!
      ngram_counts:is! ngram_indexes:is! pool_int64s:is pool_strings:ss weights:fs
    ThresholdedRelu 10 s>s alpha:f
    Tile 6 ss>s
    TopK 1 s>ss axis:i k:i!
    TopK 10 ss>ss axis:i
    TopK 11 ss>ss axis:i largest:i sorted:i
    Transpose 1 s>s perm:is
    Trilu 14 so>s upper:i
    Unique 11 s>sooo axis:i sorted:i
    Unsqueeze 1 s>s axes:is!
    Unsqueeze 13 ss>s
    Upsample 7 s>s mode:s scales:fs!
    Upsample 9 ss>s mode:s
    Upsample 10 deprecated mode:s
    Where 9 sss>s
    Xor 7 ss>s
    """
}
