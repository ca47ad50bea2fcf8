using System.Collections.Concurrent;
using System.Reflection;
using Xunit.v3;

[assembly: Harness.Tests.TimeBudget]

namespace Harness.Tests;

/// <summary>
/// Fails a test that takes far longer than its category may. The limits are wide, because machines are shared: they find a test that waits for nothing,
/// or a quick one that became slow, not a busy machine.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TimeBudgetAttribute : BeforeAfterTestAttribute
{
    private static readonly TimeSpan quick = TimeSpan.FromMinutes(15), slow = TimeSpan.FromMinutes(25);

    private readonly ConcurrentDictionary<string, long> begun = new(StringComparer.Ordinal);

    /// <summary>The longest that a test may take; null without a limit.</summary>
    /// <param name="categories">Its categories.</param>
    /// <param name="kills">Of the campaign that is asked for: the longer job takes as long as it takes.</param>
    public static TimeSpan? Limit(IReadOnlyCollection<string> categories, int kills) => categories.Count == 0 ? quick : kills > LongestShortCampaign ? null : slow;

    private const int LongestShortCampaign = 24;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test) => begun[test.UniqueID] = TimeProvider.System.GetTimestamp();

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (!begun.TryRemove(test.UniqueID, out var start)) return;
        var took = TimeProvider.System.GetElapsedTime(start);
        SlowestTests.Add(test.TestDisplayName, took.TotalSeconds);
        var categories = test.Traits.TryGetValue(SlowTests.TraitName, out var named) ? named : [];
        if (Limit(categories, EndToEnd.Campaign.Kills) is { } limit && took > limit)
            throw new TimeoutException(FormattableString.Invariant($"The test took {took.TotalSeconds:0} s; its limit is {limit.TotalSeconds:0} s. Make it quicker, or give it a category."));
    }
}
