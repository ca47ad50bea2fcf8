using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>How many processes a campaign kills: HARNESS_CAMPAIGN, or none.</summary>
internal static class Campaign
{
    public static int Kills { get; } = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_CAMPAIGN"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;
}
