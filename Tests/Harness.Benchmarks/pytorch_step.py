"""Training steps of PyTorch for the benchmark `engine`: forward, read-out of the last step, loss, backward, Adam.

Takes the number of threads as its argument. Reads lines from standard input: `build CELL B T I H` makes a model, answered by `ready`;
`step N` takes N steps, answered by the milliseconds of processor time of this thread and of wall time that they took together.
"""
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]))
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
    processor, wall = time.thread_time(), time.perf_counter()
    for _ in range(int(words[1])):
        loss = torch.nn.functional.mse_loss(readout(network(x)[0][-1]), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    print(1000 * (time.thread_time() - processor), 1000 * (time.perf_counter() - wall), flush=True)
