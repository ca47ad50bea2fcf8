"""Training steps of PyTorch for the benchmarks `engine` and `subnormals`: forward, read-out of the last step, loss, backward, Adam.

Takes the number of threads as its argument. Reads lines from standard input: `build CELL B T I H` makes a model, with `lasting` behind it one whose
gradients reach the first step; `flush` has PyTorch flush subnormal numbers. Both are answered by `ready`. `step N` takes N steps, answered by the milliseconds
that they took together: processor time of this thread, wall time, and processor time of forward and of backward.
"""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
print("torch", torch.__version__, flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "flush":
        if not torch.set_flush_denormal(True):
            sys.exit("PyTorch cannot flush subnormal numbers on this processor.")
        print("ready", flush=True)
        continue
    if words[0] == "build":
        batch, steps, inputs, hidden = map(int, words[2:6])
        torch.manual_seed(1)
        network = getattr(torch.nn, words[1].upper())(inputs, hidden)
        if words[6:] == ["lasting"]:
            with torch.no_grad():
                if words[1] == "rnn":
                    torch.nn.init.orthogonal_(network.weight_hh_l0)
                else:  # the second gate of both: forget, update
                    network.bias_ih_l0[hidden:2 * hidden] = 5
                    network.bias_hh_l0[hidden:2 * hidden] = 0
        readout = torch.nn.Linear(hidden, 1)
        parameters = list(network.parameters()) + list(readout.parameters())
        optimizer = torch.optim.Adam(parameters, lr=1e-3)
        x, y = torch.randn(steps, batch, inputs), torch.randn(batch, 1)
        print("ready", flush=True)
        continue
    processor, wall = time.thread_time(), time.perf_counter()
    forward = backward = 0
    for _ in range(int(words[1])):
        began = time.thread_time()
        loss = torch.nn.functional.mse_loss(readout(network(x)[0][-1]), y)
        predicted = time.thread_time()
        optimizer.zero_grad()
        loss.backward()
        went_back = time.thread_time()
        optimizer.step()
        loss.item()
        forward, backward = forward + predicted - began, backward + went_back - predicted
    print(1000 * (time.thread_time() - processor), 1000 * (time.perf_counter() - wall), 1000 * forward, 1000 * backward, flush=True)
