"""Lab 10: a convolution and the normalization after it become one convolution."""

import math
import os

from tensor_io import cases, read_json, read_npy, write_npy


def fold(weight, bias, gamma, beta, mean, variance, epsilon):
    """The weights and the bias of the one convolution. `weight` holds as many numbers for each output
    channel, one channel after the other."""
    channels = len(gamma)
    per_channel = len(weight) // channels
    new_weight, new_bias = [], []
    for channel in range(channels):
        #@fade 3 en: by what the normalization multiplies this channel | zh-Hans: 归一化给这个通道乘上的系数
        #@instead factor = 1.0
        factor = gamma[channel] / math.sqrt(variance[channel] + epsilon)
        #@end
        #@fade 2 en: every weight of this channel, multiplied | zh-Hans: 这个通道的每个权重都乘上它
        #@instead new_weight += weight[channel * per_channel:(channel + 1) * per_channel]
        start = channel * per_channel
        new_weight += [value * factor for value in weight[start:start + per_channel]]
        #@end
        #@fade 3 en: what the normalization makes of the old bias | zh-Hans: 归一化之后，原来的偏置变成多少
        #@instead new_bias.append(bias[channel])
        new_bias.append((bias[channel] - mean[channel]) * factor + beta[channel])
        #@end
    return new_weight, new_bias


for folder, output in cases():
    task = read_json(folder, "task.json")
    shape, weight = read_npy(folder, "weight.npy")
    vectors = [read_npy(folder, name + ".npy")[1] for name in ("gamma", "beta", "mean", "variance")]
    if os.path.exists(os.path.join(folder, "bias.npy")):
        _, bias = read_npy(folder, "bias.npy")
    else:
        bias = [0.0] * shape[0]
    new_weight, new_bias = fold(weight, bias, *vectors, task["epsilon"])
    write_npy(output, "weight.npy", shape, new_weight)
    write_npy(output, "bias.npy", (shape[0],), new_bias)
