using System.Globalization;
using Harness.Abstractions.Claims;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads when claims are looked at, of experiments that add seeds until all claims are decided.</summary>
internal static class LookSettings
{
    private const int DefaultMost = 30;

    /// <summary>The most seeds that there may be; null where their number is fixed.</summary>
    public static int? Most(ExperimentSettings settings) => !settings.Base.ContainsKey(SettingCatalog.SeedUntil) ? null
        : Listed(settings) is [.., var last] ? last : settings.Common(SettingCatalog.SeedMost) is { IsAbsent: false, Whole: var most } ? most : DefaultMost;

    /// <summary>The looks of a right file, with what is wrong about them; null where the number of seeds is fixed or something is wrong.</summary>
    /// <param name="claims">All claims of the file.</param>
    public static IReadOnlyList<int>? Of(ExperimentSettings settings, IReadOnlyList<ClaimSpec> claims, DiagnosticList diagnostics)
    {
        if (Most(settings) is not { } most)
        {
            foreach (var descriptor in new[] { SettingCatalog.SeedStart, SettingCatalog.SeedMost, SettingCatalog.SeedLooks }.Where(settings.Base.ContainsKey))
                diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(descriptor), descriptor.Path, $"{descriptor.Path} is of no use: the number of seeds is fixed", "seeds: { until: decided } beside it, or count alone");
            return null;
        }

        var (listed, start) = (Listed(settings), settings.Common(SettingCatalog.SeedStart) is { IsAbsent: false, Whole: var first } ? first : (int?)null);
        if (settings.Base.ContainsKey(SettingCatalog.SeedCount))
            return Refuse(SettingCatalog.SeedCount, "seeds.count fixes the number of seeds, and seeds.until adds seeds", "one of them; the most seeds there may be are seeds.most");
        var family = claims.Count(claim => claim.On != MetricCatalog.Parameters);
        if (family == 0) return Refuse(SettingCatalog.SeedUntil, "there is no claim to decide", "claims: with at least one that chance has a part in");
        if (listed is [var low, .., var high])
        {
            if (start is not null && start != low) return Refuse(SettingCatalog.SeedStart, Text($"the first of seeds.looks is {low}, and seeds.start is {start}"), "looks alone");
            if (settings.Base.ContainsKey(SettingCatalog.SeedMost) && settings.Common(SettingCatalog.SeedMost)!.Whole != high) return Refuse(SettingCatalog.SeedMost, Text($"the last of seeds.looks is {high}, and seeds.most is {settings.Common(SettingCatalog.SeedMost)!.Whole}"), "looks alone");
        }

        if (start >= most) return Refuse(SettingCatalog.SeedStart, Text($"the first look has {start} seeds, and there are {most} at most"), Text($"a larger most: seeds: {{ start: {start}, until: decided, most: {2 * start} }}"));
        var looks = listed ?? (start is { } given ? LookSchedule.From(given, most) : LookSchedule.Default(family, most));
        var decisive = LookSchedule.FirstDecisive(family, looks);
        if (decisive is null)
        {
            var wanted = LookSchedule.Default(family, Math.Max(most, DefaultMost))[0];
            return Refuse(SettingCatalog.SeedUntil, Text($"no look can decide {(family == 1 ? "the claim" : $"any of {family} claims")}: {most} seeds are too few"), Text($"seeds: {{ until: decided, start: {wanted}, most: {Math.Max(2 * wanted, DefaultMost)} }}"));
        }

        if (decisive != looks[0])
        {
            diagnostics.Warning(DiagnosticCodes.TooFewSeeds, SpanOf(listed is null ? SettingCatalog.SeedStart : SettingCatalog.SeedLooks), BlockNames.Seeds,
                Text($"the look at {looks[0]} seeds can decide none of {family} claim{(family == 1 ? "" : "s")}; the first that can is the one at {decisive}"), Text($"start: {LookSchedule.Default(family, most)[0]}"));
        }

        return looks;

        SourceSpan SpanOf(SettingDescriptor descriptor) => settings.Base.TryGetValue(descriptor, out var written) ? written.Span : settings.Base[SettingCatalog.SeedUntil].Span;

        IReadOnlyList<int>? Refuse(SettingDescriptor descriptor, string message, string expected)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(descriptor), descriptor.Path, message, expected);
            return null;
        }
    }

    private static int[]? Listed(ExperimentSettings settings) =>
        settings.Common(SettingCatalog.SeedLooks) is { IsAbsent: false } looks && settings.Base.ContainsKey(SettingCatalog.SeedLooks) ? [.. looks.Words.Select(number => int.Parse(number, CultureInfo.InvariantCulture))] : null;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
