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
    private readonly ConcurrentDictionary<string, long> begun = new(StringComparer.Ordinal);

    /// <summary>The longest that a test may take: many times what the slowest of its category takes on two idle cores. Null for a longer campaign of kills, which has no limit.</summary>
    /// <param name="categories">The categories of the test.</param>
    /// <param name="kills">The number of kills that the run asks for.</param>
    public static TimeSpan? Limit(IReadOnlyCollection<string> categories, int kills)
    {
        if (kills > LongestShortCampaign) return null;
        return categories.Count == 0 ? TimeSpan.FromMinutes(3) : categories.Max(name => Limit(Enum.Parse<Category>(name, ignoreCase: true)));
    }

    private static TimeSpan Limit(Category category) => category switch
    {
        Category.Browser or Category.Tools => TimeSpan.FromMinutes(5),
        Category.Machines or Category.Search or Category.Training => TimeSpan.FromMinutes(10),
        Category.Catalogue or Category.Kills or Category.Runs => TimeSpan.FromMinutes(20),
        _ => throw new ArgumentOutOfRangeException(nameof(category), category, "has no time budget"),
    };

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
