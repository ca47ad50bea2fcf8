using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Server.Hosting;

namespace Harness.Tests.Structure;

/// <summary>The pages say what the program does: every command, option and exit code, and no link into the void.</summary>
public sealed partial class DocumentationTests
{
    private static readonly string CommandLinePage = File.ReadAllText(Path.Combine(Repository.Root, "docs", "command-line.md"));

    [Fact]
    public void Every_command_and_option_is_on_the_page()
    {
        var commands = Commands(HarnessCli.Root()).ToArray();
        commands.Length.ShouldBeGreaterThan(25);
        foreach (var command in commands)
        {
            CommandLinePage.ShouldContain($"`harness {Examples.NameOf(command)}");
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
        foreach (var command in Commands(HarnessCli.Root()))
        {
            command.Description.ShouldNotBeNullOrWhiteSpace(command.Name);
            foreach (var option in command.Options) option.Description.ShouldNotBeNullOrWhiteSpace($"{command.Name} {option.Name}");
        }
    }

    [Fact]
    public void Every_command_has_examples_that_it_takes_and_there_are_no_others()
    {
        var root = HarnessCli.Root();
        Examples.Of.Keys.Order(StringComparer.Ordinal).ShouldBe(Commands(root).Select(Examples.NameOf).Append("").Order(StringComparer.Ordinal));
        foreach (var (name, examples) in Examples.Of)
        {
            foreach (var (line, _) in examples)
            {
                line.ShouldStartWith($"harness {name}".TrimEnd());
                root.Parse(line["harness ".Length..]).Errors.ShouldBeEmpty(line);
            }
        }
    }

    [Fact]
    public void What_a_service_or_a_container_starts_is_there_and_takes_these_arguments()
    {
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "cluster.md"));
        var services = ServiceLine().Matches(page);
        services.Count.ShouldBe(2);
        foreach (Match service in services)
        {
            File.Exists(Path.Combine(Repository.Root, service.Groups[1].Value)).ShouldBeTrue(service.Value);
            HarnessCli.Root().Parse(service.Groups[2].Value).Errors.ShouldBeEmpty(service.Value);
        }

        Directory.Exists(Path.Combine(Repository.Root, ContainerBuild().Match(page).Groups[1].Value)).ShouldBeTrue();
        Path.Combine(Repository.Root, ContainerEntry().Match(page).Groups[1].Value).ShouldBe(EndToEnd.HarnessProcess.Program);
        HarnessCli.Root().Parse(System.Text.Json.JsonSerializer.Deserialize<string[]>(ContainerCommand().Match(page).Groups[1].Value)!).Errors.ShouldBeEmpty();
    }

    private static IEnumerable<System.CommandLine.Command> Commands(System.CommandLine.Command command) => command.Subcommands.SelectMany(inner => Commands(inner).Prepend(inner));

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

    [GeneratedRegex(@"^ExecStart=/opt/harness/(\S+) (.*)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ServiceLine();

    [GeneratedRegex(@"^RUN dotnet build /opt/harness/(\S+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerBuild();

    [GeneratedRegex("""^ENTRYPOINT \["dotnet", "/opt/harness/(.+)"\]$""", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerEntry();

    [GeneratedRegex("^CMD (.+)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ContainerCommand();
}
