using Harness.Experiments.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>Keeps the last of a child's standard error, bounded in the length of a line and of all.</summary>
internal sealed class ErrorTail(int longest = AttemptCompletion.LongestLog)
{
    /// <summary>Of them a message tells.</summary>
    private const int LastLines = 40;

    private const int LongestLine = 2000;

    private readonly Queue<string> lines = new();
    private int length;

    /// <summary>Everything that is kept.</summary>
    public string All
    {
        get
        {
            lock (lines) return string.Join('\n', lines);
        }
    }

    public void Add(string line)
    {
        // A NUL would end the text for every program that reads the database.
        var kept = (line.Length <= LongestLine ? line : line[..LongestLine] + "…").Replace('\0', '\uFFFD');
        lock (lines)
        {
            lines.Enqueue(kept);
            length += kept.Length + 1;
            while (length - 1 > longest) length -= lines.Dequeue().Length + 1;
        }
    }

    /// <summary>Forgets what belongs to an attempt that has ended.</summary>
    public void Clear()
    {
        lock (lines)
        {
            lines.Clear();
            length = 0;
        }
    }

    /// <summary>The last lines.</summary>
    public override string ToString()
    {
        lock (lines) return string.Join('\n', lines.TakeLast(LastLines));
    }
}
