using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Tests.Orchestrator.Faults;
using Harness.Workers.Slots;

namespace Harness.Tests.Workers;

/// <summary>A frame that a trainer can write reaches its attempt: none is dropped because somebody forgot it.</summary>
public sealed class FrameRoutingTests
{
    private static readonly Type[] frames = [.. typeof(TrainerFrame).GetCustomAttributes<JsonDerivedTypeAttribute>().Select(derived => derived.DerivedType)];

    public static TheoryData<string> Reported => [.. frames.Where(frame => frame.IsSubclassOf(typeof(ReportedFrame))).Select(frame => frame.Name)];

    public static TheoryData<string> OfAttempts => [.. frames.Where(frame => frame.IsSubclassOf(typeof(AttemptFrame))).Select(frame => frame.Name)];

    [Fact]
    public void Every_frame_is_listed_for_the_wire() =>
        typeof(TrainerFrame).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(TrainerFrame)) && !type.IsAbstract).Except(frames).ShouldBeEmpty();

    /// <summary>The first frame and a refused request are about a trainer, not about one attempt.</summary>
    [Fact]
    public void Every_frame_of_an_attempt_is_reported_or_ends_it() =>
        frames.Where(frame => !frame.IsSubclassOf(typeof(ReportedFrame)) && !frame.IsSubclassOf(typeof(EndingFrame))).ShouldBe([typeof(TrainerReady), typeof(TrialRejected)]);

    [Theory]
    [MemberData(nameof(Reported))]
    public void Every_reported_frame_has_a_place_in_a_report(string name)
    {
        var buffer = new MeasurementBuffer(new("trial", 1, "w"));
        buffer.Add((ReportedFrame)Specimen.Of(frames.Single(frame => frame.Name == name), (_, _) => null));
        buffer.Take().ShouldNotBeNull();
    }

    /// <summary>Where the name stands does not depend on which record declares it: logs of different versions can be compared.</summary>
    [Theory]
    [MemberData(nameof(OfAttempts))]
    public void The_attempt_comes_first_on_the_wire(string name)
    {
        var frame = (TrainerFrame)Specimen.Of(frames.Single(frame => frame.Name == name), (_, _) => null);
        JsonSerializer.Serialize(frame, HarnessJson.Default.TrainerFrame).ShouldMatch("""^\{"type":"[a-z_]+","attempt":"text",""");
    }
}
