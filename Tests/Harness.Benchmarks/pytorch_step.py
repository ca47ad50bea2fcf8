"""Training steps of PyTorch, one at a time, for the benchmark `engine`: forward, read-out of the last step, loss, backward, Adam.

Reads lines from standard input: `build CELL B T I H` makes a model, answered by `ready`; `step` takes one step, answered by its milliseconds.
"""
import sys
import time

import torch

torch.set_num_threads(1)
print("torch", torch.__version__, flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "build":
        batch, steps, inputs, hidden = map(int, words[2:])
        torch.manual_seed(1)
        network = getattr(torch.nn, words[1].upper())(inputs, hidden)
        readout = torch.nn.Linear(hidden, 1)
        parameters = list(network.parameters()) + list(readout.parameters())
        optimizer = torch.optim.Adam(parameters, lr=1e-3)
        x, y = torch.randn(steps, batch, inputs), torch.randn(batch, 1)
        print("ready", flush=True)
        continue
    began = time.thread_time()
    loss = torch.nn.functional.mse_loss(readout(network(x)[0][-1]), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    loss.item()
    print(1000 * (time.thread_time() - began), flush=True)
