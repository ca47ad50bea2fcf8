using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Harness.Orchestrator.Cli;

namespace Harness.Tests.Structure;

/// <summary>The pages say what the program does: every command, option and exit code, and no link into the void.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string CommandLinePage = File.ReadAllText(Path.Combine(Repository.Root, "docs", "command-line.md"));

    [Fact]
    public void Every_command_and_option_is_on_the_page()
    {
        var commands = HarnessCli.Root().Subcommands;
        commands.ShouldNotBeEmpty();
        foreach (var command in commands)
        {
            CommandLinePage.ShouldContain($"`harness {command.Name}");
            foreach (var option in command.Options.Where(option => option is not System.CommandLine.Help.HelpOption)) CommandLinePage.ShouldContain($"`{option.Name}");
        }
    }

    [Fact]
    public void Every_exit_code_is_on_the_page_and_no_other()
    {
        var codes = typeof(ExitCode).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (int)field.GetRawConstantValue()!);
        var documented = ExitCodeRow().Matches(CommandLinePage).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture));
        documented.Order().ShouldBe(codes.Order());
    }

    [Fact]
    public void Every_command_has_a_description_and_every_option_too()
    {
        foreach (var command in HarnessCli.Root().Subcommands)
        {
            command.Description.ShouldNotBeNullOrWhiteSpace(command.Name);
            foreach (var option in command.Options) option.Description.ShouldNotBeNullOrWhiteSpace($"{command.Name} {option.Name}");
        }
    }

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        var pages = Directory.GetFiles(Repository.Root, "*.md").Concat(Directory.GetFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories));
        foreach (var page in pages)
        {
            foreach (Match link in LocalLink().Matches(File.ReadAllText(page)))
            {
                var target = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, link.Groups[1].Value));
                (File.Exists(target) || Directory.Exists(target)).ShouldBeTrue($"{page} links to {link.Groups[1].Value}");
            }
        }
    }

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExitCodeRow();

    [GeneratedRegex(@"\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex LocalLink();
}
