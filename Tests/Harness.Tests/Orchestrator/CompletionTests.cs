using Harness.Orchestrator.Cli;

namespace Harness.Tests.Orchestrator;

public sealed class CompletionTests
{
    [Theory]
    [InlineData("vali", "validate")]
    [InlineData("run x.yaml --sl", "--slots")]
    [InlineData("run x.yaml --set train.opti", "train.optimizer.kind=")]
    [InlineData("run x.yaml --set model.kernel=", "model.kernel=cell")]
    [InlineData("plan x.yaml --set kernel=", "kernel=library")]
    [InlineData("completion ", "powershell")]
    public void A_command_line_goes_on_with_what_is_known(string line, string suggestion) =>
        HarnessCli.Root().Parse(line).GetCompletions(line.Length).Select(item => item.Label).ShouldContain(label => label == suggestion);

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("powershell")]
    public void Every_shell_has_a_script_that_asks_the_program(string shell)
    {
        var parsed = HarnessCli.Root().Parse(["completion", shell]);
        parsed.Errors.ShouldBeEmpty();
        HarnessCli.Root().Parse(["completion", "fish"]).Errors.ShouldNotBeEmpty();
    }
}
