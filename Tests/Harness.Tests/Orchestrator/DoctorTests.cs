using Harness.Orchestrator.Cli;
using Harness.Reports.Model;

namespace Harness.Tests.Orchestrator;

public sealed class DoctorTests
{
    [Fact]
    public void Doctor_asks_for_another_system_where_subnormal_numbers_stay()
    {
        DoctorCommand.Subnormals(flushed: true).Cure.ShouldBeNull();
        var kept = DoctorCommand.Subnormals(flushed: false);
        kept.Result.ShouldContain("kept");
        kept.Cure.ShouldNotBeNull().ShouldContain("20 times as long");
    }
}
