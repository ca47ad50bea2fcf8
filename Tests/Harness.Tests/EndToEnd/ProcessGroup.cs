using System.Collections;

namespace Harness.Tests.EndToEnd;

/// <summary>Processes that are gone when the test is, however it ends.</summary>
internal sealed class ProcessGroup(IReadOnlyList<HarnessProcess> processes) : IReadOnlyList<HarnessProcess>, IAsyncDisposable
{
    public int Count => processes.Count;

    public HarnessProcess this[int index] => processes[index];

    public IEnumerator<HarnessProcess> GetEnumerator() => processes.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes) await process.DisposeAsync();
    }
}
