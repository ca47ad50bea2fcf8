using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Where the numbers came from, one column per machine.</summary>
internal static class EnvironmentTable
{
    public static Table Of(IReadOnlyList<EnvironmentRecord> environments, Texts texts)
    {
        (string Term, Func<EnvironmentRecord, string> Value)[] rows =
        [
            (texts.HarnessVersion, e => e.Harness), (texts.OperatingSystem, e => e.OperatingSystem), (texts.Runtime, e => e.Runtime),
            ("TorchSharp", e => e.TorchSharp), ("libtorch", e => $"{e.Libtorch} ({e.LibtorchSource})"), (texts.Processor, e => e.Processor),
            .. environments.Any(e => e.Cuda is not null) ? [("CUDA", e => e.Cuda?.ToString() ?? "–")] : Array.Empty<(string, Func<EnvironmentRecord, string>)>(),
            .. environments.Any(e => e.FlushesSubnormals is not null)
                ? [(texts.Subnormals, e => e.FlushesSubnormals is { } flushed ? texts.SubnormalsFlushed(flushed) : "–")]
                : Array.Empty<(string, Func<EnvironmentRecord, string>)>(),
            (texts.Cores, e => Numbers.Count(e.ProcessorCount)), (texts.Devices, e => string.Join(", ", e.Devices)), (texts.Threads, e => Numbers.Count(e.Threads)),
        ];
        return new("environment", texts.EnvironmentCaption,
            [new(texts.Property), .. environments.Select((_, i) => new TableColumn(texts.Machine((i + 1).ToString(CultureInfo.InvariantCulture), environments.Count)))],
            [.. rows.Select(row => new TableRow(null, [new(row.Term), .. environments.Select(e => new TableCell(row.Value(e)))]))], Sortable: false);
    }
}
