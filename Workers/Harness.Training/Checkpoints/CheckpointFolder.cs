using System.Globalization;
using Harness.Abstractions.Contracts;

namespace Harness.Training.Checkpoints;

/// <summary>A trial's checkpoints on disk: the last two. Several trials may share a folder; each touches its own files only.</summary>
/// <param name="path">Created when the first checkpoint is written.</param>
/// <param name="trial">The trial's identity; with the step, it names the file.</param>
internal sealed class CheckpointFolder(string path, string trial)
{
    public const string Extension = ".ckpt";

    private readonly List<string> refused = [];
    private int? previous;

    /// <summary>The newest checkpoint that is sound.</summary>
    /// <param name="accept">Refuses a checkpoint that does not fit, by <see cref="CheckpointRefusedException"/>.</param>
    /// <returns>The checkpoint, or null, and every newer file with the reason for which it was passed over.</returns>
    public (Checkpoint? Checkpoint, string? File, IReadOnlyList<RefusedCheckpoint> Refused) Load(Action<Checkpoint> accept)
    {
        var reasons = new List<RefusedCheckpoint>();
        foreach (var (file, step) in Files())
        {
            try
            {
                var checkpoint = CheckpointCodec.Decode(Read(file), trial);
                if (checkpoint.Step != step) throw new CheckpointRefusedException($"it is named after step {step} and holds step {checkpoint.Step}");
                accept(checkpoint);
                previous = step;
                return (checkpoint, file, reasons);
            }
            catch (Exception reason) when (reason is CheckpointRefusedException or IOException or UnauthorizedAccessException)
            {
                refused.Add(file);
                reasons.Add(new(Path.GetFileName(file), reason.Message));
            }
        }

        return (null, null, reasons);
    }

    /// <summary>Writes a checkpoint, then removes what it makes superfluous: all but the one before it.</summary>
    /// <returns>The file.</returns>
    public string Save(Checkpoint checkpoint)
    {
        Directory.CreateDirectory(path);
        var written = Path.Combine(path, Name(checkpoint.Step));
        DurableFile.Write(written, CheckpointCodec.Encode(checkpoint));
        foreach (var (file, step) in Files())
            if (file != written && (refused.Contains(file) || step < (previous ?? checkpoint.Step))) File.Delete(file);
        foreach (var abandoned in Directory.EnumerateFiles(path, $"{trial}-*{DurableFile.Unfinished}")) File.Delete(abandoned);
        refused.Clear();
        previous = checkpoint.Step;
        return written;
    }

    /// <summary>Reads a whole file of a size that can be a checkpoint's.</summary>
    public static byte[] Read(string file)
    {
        var length = new FileInfo(file).Length;
        return length <= CheckpointCodec.LongestFile ? File.ReadAllBytes(file) : throw new CheckpointRefusedException($"it has {length} bytes, more than any checkpoint");
    }

    private string Name(int step) => string.Create(CultureInfo.InvariantCulture, $"{trial}-{step:d10}{Extension}");

    /// <summary>This trial's files, the newest first.</summary>
    private List<(string File, int Step)> Files()
    {
        if (!Directory.Exists(path)) return [];
        return [.. Directory.EnumerateFiles(path, $"{trial}-*{Extension}")
            .Select(file => (File: file, Parsed: int.TryParse(Path.GetFileNameWithoutExtension(file.AsSpan())[(trial.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var step), Step: step))
            .Where(found => found.Parsed)
            .Select(found => (found.File, found.Step))
            .OrderByDescending(found => found.Step)];
    }
}
