using System.Text;
using Harness.Abstractions.Contracts;

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

    /// <summary>A text as the server takes it: not too long, without NUL and without half a surrogate pair.</summary>
    public static string Cut(string text, int longest, string end = "")
    {
        if (text.Length > longest) text = string.Concat(text.AsSpan(0, longest - end.Length), end);
        if (!text.Contains('\0', StringComparison.Ordinal) && !text.Any(char.IsSurrogate)) return text;
        var clean = new StringBuilder(text.Length);
        // What is no character comes out as U+FFFD.
        foreach (var rune in text.EnumerateRunes()) clean.Append(rune.Value == 0 ? "\uFFFD" : rune.ToString());
        return clean.ToString();
    }

    public void Add(string line)
    {
        var kept = Cut(line, LongestLine, "…");
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
