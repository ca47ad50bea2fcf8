using Harness.Orchestrator.Cli;
using Harness.Store;
using Harness.Tests.Api;

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

    [Fact]
    public async Task Experiments_trials_and_workers_are_completed_from_the_data_folder()
    {
        await using var stored = new StoredExperiments();
        await stored.Add(RunningServer.Spec.Replace("name: small", "name: long-a", StringComparison.Ordinal));
        string trial;
        await using (var connection = ResultsDatabase.ConnectForReading(stored.Data)) trial = connection.Scalar<string>("SELECT hash FROM trial WHERE id = 1")!;
        Complete("show lo", "long-a");
        Complete("compare ", "long-a");
        Complete("log 1", "1");
        Complete($"log {trial[..4]}", trial[..8]);
        Completions("show nothing-like-it").ShouldBeEmpty();
        HarnessCli.Root().Parse("show --data /nowhere ").GetCompletions().ShouldNotContain(item => item.Label == "long-a");

        void Complete(string line, string suggestion) => Completions(line).ShouldContain(label => label == suggestion, line);

        List<string> Completions(string line)
        {
            var (command, word) = (line[..line.IndexOf(' ', StringComparison.Ordinal)], line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]);
            var whole = $"{command} --data {stored.Data} {word}";
            return [.. HarnessCli.Root().Parse(whole).GetCompletions(whole.Length).Select(item => item.Label).Where(label => !label.StartsWith('-'))];
        }
    }

    [Theory]
    [InlineData("bash")]
    [InlineData("fish")]
    [InlineData("zsh")]
    [InlineData("powershell")]
    public void Every_shell_has_a_script_that_asks_the_program(string shell)
    {
        var parsed = HarnessCli.Root().Parse(["completion", shell]);
        parsed.Errors.ShouldBeEmpty();
        HarnessCli.Root().Parse(["completion", "tcsh"]).Errors.ShouldNotBeEmpty();
    }
}
