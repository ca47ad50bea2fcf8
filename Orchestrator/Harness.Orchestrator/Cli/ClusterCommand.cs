using System.CommandLine;
using Harness.Server.Hosting;
using Harness.Server.Hosting.Security;
using Harness.Store;
using Harness.Store.Files;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness cluster init</c> and <c>harness cluster join NAME</c>: certificates for a cluster of several machines.</summary>
internal static class ClusterCommand
{
    public static Command Create() => new("cluster", "Create the certificates of a cluster's machines.") { CreateInit(), CreateJoin() };

    private static Command CreateInit()
    {
        var data = SharedOptions.Data();
        var command = new Command("init", "Create a cluster's certificate authority and this machine's certificate, in the data folder.") { data };
        command.SetAction(async (parsed, _) =>
        {
            var (folder, now) = (parsed.GetValue(data)!, TimeProvider.System.GetUtcNow());
            var authority = ClusterAuthority.Create(folder, now);
            OwnerFile.Write(ClusterAuthority.OwnFile(folder), authority.Issue("server", now));
            await Console.Out.WriteLineAsync($"certificate  {ClusterAuthority.OwnFile(folder)}");
            await Console.Error.WriteLineAsync("For every other machine: harness cluster join NAME. Keep the folder private: anyone who has ca-key.pem can join.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command CreateJoin()
    {
        var name = new Argument<string>("name") { Description = "A name for the other machine." };
        var data = SharedOptions.Data();
        var output = new Option<string?>("--out") { Description = "Where its certificate goes. Default: NAME.pem here.", HelpName = "FILE" };
        name.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var text }] && !IsName(text)) result.AddError($"'{text}' is no name: letters, digits, dot, hyphen and underscore, 64 at most.");
        });
        var command = new Command("join", "Create the certificate of another machine. Run it where 'cluster init' was run.") { name, data, output };
        command.SetAction(async (parsed, _) =>
        {
            var file = Path.GetFullPath(parsed.GetValue(output) ?? parsed.GetValue(name) + ".pem");
            if (File.Exists(file)) throw new UsageException($"{file} exists already. Remove it, or name another file with --out.");
            OwnerFile.Write(file, ClusterAuthority.Open(parsed.GetValue(data)!).Issue(parsed.GetValue(name)!, TimeProvider.System.GetUtcNow()));
            await Console.Out.WriteLineAsync($"certificate  {file}");
            await Console.Error.WriteLineAsync($"Copy it to that machine over a channel you trust (scp). There: harness worker --cluster redis://HOST --listen ADDRESS --certificate {Path.GetFileName(file)}");
            return ExitCode.Ok;
        });
        return command;
    }

    private static bool IsName(string text) =>
        text.Length is > 0 and <= 64 && char.IsAsciiLetterOrDigit(text[0]) && text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '-' or '_');
}
