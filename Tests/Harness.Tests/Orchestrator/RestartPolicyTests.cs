using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Hosting;

namespace Harness.Tests.Orchestrator;

public sealed class RestartPolicyTests
{
    private static readonly DateTimeOffset start = DateTimeOffset.UnixEpoch;
    private static readonly TimeSpan brief = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(ExitCode.Unavailable)]
    [InlineData(ExitCode.Usage)]
    [InlineData(ExitCode.Bug)]
    [InlineData(ExitCode.StartAgain)]
    [InlineData(ExitCode.Failures)]
    [InlineData(134)]
    [InlineData(137)]
    public void A_server_that_served_and_fell_is_restarted_whatever_the_code(int code) =>
        new RestartPolicy().After(code, worked: true, brief, start).Pause.ShouldBe(RestartPolicy.FirstPause);

    [Theory]
    [InlineData(ExitCode.Ok)]
    [InlineData(ExitCode.Usage)]
    [InlineData(ExitCode.NotFound)]
    [InlineData(ExitCode.Forbidden)]
    [InlineData(ExitCode.Unavailable)]
    public void A_server_that_never_served_needs_a_person(int code) => new RestartPolicy().After(code, worked: false, brief, start).ShouldBe(Decision.Stop());

    [Theory]
    [InlineData(ExitCode.StartAgain)]
    [InlineData(137)]
    public void A_start_that_was_killed_or_found_no_cluster_is_tried_again(int code) => new RestartPolicy().After(code, worked: false, brief, start).Pause.ShouldNotBeNull();

    [Theory]
    [InlineData(ExitCode.Bug, true)]
    [InlineData(ExitCode.Bug, false)]
    [InlineData(ExitCode.Usage, true)]
    public void A_fault_that_repeats_itself_is_given_up_with_a_reason(int code, bool works)
    {
        var policy = new RestartPolicy();
        var now = start;
        for (var life = 0; life < RestartPolicy.MostRepeats; life++) policy.After(code, works, brief, now += TimeSpan.FromMinutes(1)).Pause.ShouldNotBeNull();
        var last = policy.After(code, works, brief, now);
        last.Pause.ShouldBeNull();
        last.Reason.ShouldNotBeNull().ShouldContain("not restarted");
    }

    [Fact]
    public void Faults_that_lie_far_apart_do_not_add_up()
    {
        var policy = new RestartPolicy();
        var now = start;
        for (var life = 0; life < 10 * RestartPolicy.MostRepeats; life++) policy.After(ExitCode.Bug, worked: true, TimeSpan.FromMinutes(7), now += TimeSpan.FromMinutes(7)).Pause.ShouldBe(RestartPolicy.FirstPause);
    }

    [Fact]
    public void Falls_without_end_are_waited_out_longer_each_time_up_to_a_minute()
    {
        var policy = new RestartPolicy();
        var pauses = Enumerable.Range(0, 12).Select(_ => policy.After(ExitCode.StartAgain, worked: true, brief, start).Pause!.Value.TotalSeconds).ToArray();
        pauses[..4].ShouldBe([0.25, 0.5, 1, 2]);
        pauses[^1].ShouldBe(60);
        policy.After(ExitCode.StartAgain, worked: true, TimeSpan.FromMinutes(3), start).Pause.ShouldBe(RestartPolicy.FirstPause);
    }
}
