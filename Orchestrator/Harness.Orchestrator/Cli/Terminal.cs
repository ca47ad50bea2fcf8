using System.Text;

namespace Harness.Orchestrator.Cli;

/// <summary>
/// What this program writes to a terminal. Texts come from files, servers and workers: every character that would move a cursor, change colours or turn
/// reading order is replaced, in one place, whichever command prints.
/// </summary>
internal static class Terminal
{
    /// <summary>Standard error as it is, for what draws with escape sequences of its own and has cleaned its texts.</summary>
    public static TextWriter RawError { get; private set; } = TextWriter.Null;

    /// <summary>Has all of this process's output cleaned.</summary>
    public static void Clean()
    {
        RawError = Console.Error;
        Console.SetOut(new CleanWriter(Console.Out, "standard output"));
        Console.SetError(new CleanWriter(Console.Error, "standard error"));
    }

    /// <summary>A writer that passes on cleaned text.</summary>
    internal static TextWriter Cleaned(TextWriter inner) => new CleanWriter(inner, "output");

    /// <summary>A text without control characters; line ends and tabs become visible marks as well.</summary>
    public static string Printable(string text) => text.Any(IsUnsafe) || text.AsSpan().ContainsAny('\n', '\r', '\t')
        ? string.Concat(text.Select(letter => IsUnsafe(letter) || letter is '\n' or '\r' or '\t' ? '\uFFFD' : letter))
        : text;

    /// <summary>Control characters, and the marks that reverse or embed reading order (Unicode 15.1, UAX #9).</summary>
    private static bool IsUnsafe(char letter) => (char.IsControl(letter) && letter is not ('\n' or '\r' or '\t')) || letter is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');

    private sealed class CleanWriter(TextWriter inner, string name) : TextWriter
    {
        public override Encoding Encoding => inner.Encoding;

        public override void Write(char value) => Write([value]);

        public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(ReadOnlySpan<char> buffer)
        {
            var text = buffer.ToString();
            Guarded(() => inner.Write(Clean(text)));
        }

        public override void WriteLine(string? value) => Write(value + NewLine);

        public override Task WriteAsync(char value) => Now(() => Write(value));

        public override Task WriteAsync(string? value) => Now(() => Write(value));

        public override Task WriteLineAsync(string? value) => Now(() => WriteLine(value));

        public override Task WriteLineAsync() => Now(() => Write(NewLine));

        public override void Flush() => Guarded(inner.Flush);

        public override Task FlushAsync() => Now(Flush);

        private static Task Now(Action write)
        {
            write();
            return Task.CompletedTask;
        }

        private static string Clean(string text)
        {
            if (!text.Any(letter => letter == '\r' || IsUnsafe(letter))) return text;
            return string.Create(text.Length, text, (span, source) =>
            {
                for (var i = 0; i < span.Length; i++)
                {
                    // A lone carriage return would write over the line.
                    var isLone = source[i] == '\r' && (i + 1 == source.Length || source[i + 1] != '\n');
                    span[i] = isLone || IsUnsafe(source[i]) ? '\uFFFD' : source[i];
                }
            });
        }

        private void Guarded(Action write)
        {
            try
            {
                write();
            }
            catch (IOException error)
            {
                throw new OutputException($"{name} cannot be written: {error.Message}", error);
            }
        }
    }
}

/// <summary>Standard output or standard error is closed or full.</summary>
internal sealed class OutputException(string message, Exception cause) : Exception(message, cause);
