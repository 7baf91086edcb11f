"""PyTorch on one thread: the tasks of the benchmark, in the protocol of run/child.ts (one JSON object a line)."""

import json
import math
import resource
import sys
import time


def say(**message):
    print(json.dumps(message), flush=True)


try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except Exception as error:
    say(unable=f"not available: Python cannot load torch ({error}); WEFT_PYTHON names a Python that can")
    sys.exit(0)

torch.set_num_threads(1)
LOADED = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
TASK = json.loads(sys.argv[1])
SPEC = TASK["spec"]

# Blocks and warm-up as in run/measure.ts and run/child.ts.
BLOCK_S, WARM_RUNS, WARM_S, WARM_LIMIT_S, BLOCKS, LONG_S, KEPT = 0.15, 20, 1.0, 4.0, 3, 1.0, 64


def pseudo_data(count, seed):
    """xorshift32, as in workloads/data.ts."""
    data = np.empty(count, dtype=np.float32)
    state = seed or 1
    for i in range(count):
        state ^= (state << 13) & 0xFFFFFFFF
        state ^= state >> 17
        state ^= (state << 5) & 0xFFFFFFFF
        data[i] = state / 2**32
    return data


def pseudo_indices(count, below, seed):
    return np.floor(pseudo_data(count, seed).astype(np.float64) * below).astype(np.int64)


def weights():
    """The shared weights, in Keras's layout; kernels of convolutions are turned to PyTorch's."""
    tensors = []
    for i, spec in enumerate(SPEC["weights"]):
        shape = spec["shape"]
        values = pseudo_data(math.prod(shape), 101 + 7 * i)
        values = (spec["center"] + spec["spread"] * (2 * values - 1)).astype(np.float32)
        tensor = torch.from_numpy(values).reshape(shape)
        if len(shape) == 4:
            tensor = tensor.permute(2, 3, 0, 1) if shape[3] == 1 else tensor.permute(3, 2, 0, 1)
        tensors.append(tensor.contiguous())
    return tensors


def samples(batch):
    shape = [batch, *SPEC["input"]]
    if "vocabulary" in SPEC:
        return torch.from_numpy(pseudo_indices(math.prod(shape), SPEC["vocabulary"], 7)).reshape(shape)
    return torch.from_numpy(pseudo_data(math.prod(shape), 7)).reshape(shape)


def labels(batch):
    shape = [batch, *SPEC["labels"]]
    return torch.from_numpy(pseudo_indices(math.prod(shape), SPEC["classes"], 11)).reshape(shape)


def mlp(w, x, dropout):
    return F.relu(x @ w[0] + w[1]) @ w[2] + w[3]


def convnet(w, x, dropout):
    x = x.reshape(-1, 1, 28, 28)
    x = F.max_pool2d(F.relu(F.conv2d(x, w[0], w[1])), 2)
    x = F.max_pool2d(F.relu(F.conv2d(x, w[2], w[3])), 2)
    x = F.dropout(x.permute(0, 2, 3, 1).reshape(x.shape[0], -1), 0.5, dropout)
    return x @ w[4] + w[5]


def lstm(w, x, dropout):
    """nn.LSTM takes gates in the order of Keras (input, forget, cell, output), transposed, with two biases."""
    state = torch.zeros(1, x.shape[0], 64)
    parts = [w[0].t().contiguous(), w[1].t().contiguous(), w[2], torch.zeros(256)]
    last = torch.lstm(x, (state, state), parts, True, 1, 0.0, False, False, True)[1]
    return last[0] @ w[3] + w[4]


def gpt(w, x, dropout):
    take = iter(w)
    width, heads = SPEC["gpt"]["width"], SPEC["gpt"]["heads"]
    batch, steps = x.shape

    def norm(value):
        return F.layer_norm(value, (width,), next(take), next(take), SPEC["gpt"]["epsilon"])

    def dense(value):
        kernel = next(take)
        return value @ kernel + next(take)

    x = F.embedding(x, next(take)) + next(take)
    for _ in range(SPEC["gpt"]["layers"]):
        q, k, v = (part.reshape(batch, steps, heads, -1).transpose(1, 2) for part in dense(norm(x)).chunk(3, -1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + dense(mixed.transpose(1, 2).reshape(batch, steps, width))
        x = x + dense(F.gelu(dense(norm(x)), approximate="tanh"))
    return dense(norm(x))


def mobilenet(w, x, dropout):
    take = iter(w)

    def convolve(value, stride, groups):
        kernel = next(take)
        gamma, beta, mean, variance = next(take), next(take), next(take), next(take)
        if kernel.shape[2] == 3:
            value = F.pad(value, (0, 1, 0, 1) if stride == 2 else (1, 1, 1, 1))
        value = F.conv2d(value, kernel, None, stride, 0, 1, groups)
        return F.batch_norm(value, mean, variance, gamma, beta, False, 0.0, 1e-3).clamp(0, 6)

    x = convolve(x.permute(0, 3, 1, 2), 2, 1)
    for stride, _ in SPEC["blocks"]:
        x = convolve(convolve(x, stride, x.shape[1]), 1, 1)
    return x.mean((2, 3)) @ next(take) + next(take)


NETS = {"mlp": mlp, "convnet": convnet, "lstm": lstm, "gpt": gpt, "mobilenet": mobilenet}


def product():
    m, k, n = TASK["m"], TASK["k"], TASK["n"]
    a, b = torch.from_numpy(pseudo_data(m * k, 1)), torch.from_numpy(pseudo_data(k * n, 2))
    a = a.reshape(k, m).t() if TASK["transposeA"] else a.reshape(m, k)
    b = b.reshape(n, k).t() if TASK["transposeB"] else b.reshape(k, n)

    def run(times):
        for _ in range(times):
            a @ b

    return run, lambda: (a @ b).reshape(-1)


def inference():
    net, values, x = NETS[TASK["net"]], weights(), samples(TASK["batch"])

    @torch.inference_mode()
    def outputs():
        scores = net(values, x, False)
        return (scores if TASK["net"] == "gpt" else F.softmax(scores, -1)).reshape(-1)

    def run(times):
        for _ in range(times):
            outputs()

    return run, outputs


def training():
    net, batch = NETS[TASK["net"]], TASK["batch"]
    x, y = samples(batch), labels(batch).reshape(-1)

    def begin(dropout):
        values = [value.requires_grad_() for value in weights()]
        optimizer = torch.optim.Adam(values, lr=0.001, eps=1e-7)

        def step():
            optimizer.zero_grad()
            scores = net(values, x, dropout)
            loss = F.cross_entropy(scores.reshape(-1, scores.shape[-1]), y)
            loss.backward()
            optimizer.step()
            return loss

        return step

    step = begin(True)

    def run(times):
        for _ in range(times):
            loss = step()
        loss.item()

    def check():
        fresh = begin(False)
        return torch.tensor([fresh().item() for _ in range(TASK["checkedSteps"])])

    return run, check


def block(run, times):
    begin = time.perf_counter()
    run(times)
    return (time.perf_counter() - begin) / times


def main():
    if TASK["kind"] != "dot" and TASK["net"] not in NETS:
        return say(unable="not written for it")
    run, check = {"dot": product, "infer": inference, "train": training}[TASK["kind"]]()
    times, runs, begin = 1, 0, time.perf_counter()
    while True:
        spent = time.perf_counter() - begin
        if spent >= WARM_LIMIT_S or (spent >= WARM_S and runs >= WARM_RUNS):
            break
        each = block(run, times)
        runs += times
        times = max(1, min(2 * times, round(BLOCK_S / each)))
    each = block(run, times)
    times = max(1, round(BLOCK_S / each))
    memory = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - LOADED) / 1024
    values = check().detach().numpy()
    count = min(KEPT, len(values))
    gives = [float(values[i * len(values) // count]) for i in range(count)]
    say(ready={"versions": {"torch": torch.__version__}, "memoryMiB": memory, "ms": each * 1000, "gives": gives})
    for line in sys.stdin:
        if line.strip() != "round":
            break
        say(blocks=[block(run, times) * 1000 for _ in range(1 if each > LONG_S else BLOCKS)])


main()
