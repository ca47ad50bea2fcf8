namespace Harness.Workers.Trainer;

/// <summary>Keeps the last lines of a child's standard error, bounded in lines and in length.</summary>
internal sealed class ErrorTail
{
    private const int Lines = 40;
    private const int LongestLine = 2000;

    private readonly Queue<string> lines = new();

    public void Add(string line)
    {
        lock (lines)
        {
            if (lines.Count == Lines) lines.Dequeue();
            lines.Enqueue(line.Length <= LongestLine ? line : line[..LongestLine] + "…");
        }
    }

    public override string ToString()
    {
        lock (lines) return string.Join('\n', lines);
    }
}
