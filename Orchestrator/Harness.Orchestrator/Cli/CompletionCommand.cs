using System.CommandLine;
using System.CommandLine.Completions;
using Harness.Abstractions.Settings;
using Harness.Server.Hosting;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness completion SHELL</c>: a script by which a shell asks this program how a command line may go on.</summary>
internal static class CompletionCommand
{
    private const string Bash =
        """
        # harness: completion for bash. Load it with: source <(harness completion bash)
        _harness_complete() {
          local line=${COMP_LINE:${#COMP_WORDS[0]}} word=${COMP_WORDS[COMP_CWORD]} IFS=$'\n'
          local suggestions
          suggestions=$("${COMP_WORDS[0]}" "[suggest:$((COMP_POINT - ${#COMP_WORDS[0]} + 7))]" "harness$line" 2>/dev/null) || return
          COMPREPLY=($(compgen -W "$suggestions" -- "$word"))
          # A setting's value comes right after its name.
          [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
        }
        # = does not part words here: --set takes NAME=VALUE.
        COMP_WORDBREAKS=${COMP_WORDBREAKS//=/}
        complete -o default -F _harness_complete harness ./harness
        """;

    private const string Zsh =
        """
        #compdef harness
        # harness: completion for zsh. Load it with: source <(harness completion zsh)
        _harness() {
          local suggestions line="harness${BUFFER#${words[1]}}"
          suggestions=("${(@f)$("${words[1]}" "[suggest:$((CURSOR - ${#words[1]} + 7))]" "$line" 2>/dev/null)}")
          compadd -S '' -- "${(@M)suggestions:#*=}"
          compadd -- "${(@)suggestions:#*=}"
          _files
        }
        compdef _harness harness ./harness
        """;

    private const string PowerShell =
        """
        # harness: completion for PowerShell. Load it with: harness completion powershell | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName harness, harness.cmd -ScriptBlock {
          param($word, $tree, $position)
          $first = $tree.CommandElements[0].Extent.Text
          $line = "harness" + $tree.Extent.Text.Substring($first.Length)
          & $first "[suggest:$($position - $first.Length + 7)]" $line 2>$null |
            Where-Object { $_ -like "$word*" } |
            ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    private const string Fish =
        """
        # harness: completion for fish. Load it with: harness completion fish | source
        function __harness_complete
          set -l words (commandline -opc)
          set -l line (commandline -cp)
          # The program's name may be a path; the parser knows it as harness.
          set -l rest (string sub -s (math (string length -- $words[1]) + 1) -- $line)
          $words[1] "[suggest:"(math 7 + (string length -- $rest))"]" "harness$rest" 2>/dev/null
        end
        complete -c harness -a '(__harness_complete)'
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, fish, zsh or powershell." };
        shell.AcceptOnlyFromAmong("bash", "fish", "zsh", "powershell");
        var command = new Command("completion", "Print a script that teaches a shell to complete harness commands, options, settings, experiments, trials and workers.") { shell };
        command.SetAction(async (parsed, _) =>
        {
            await Console.Out.WriteLineAsync(parsed.GetValue(shell) switch { "bash" => Bash, "fish" => Fish, "zsh" => Zsh, _ => PowerShell });
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>How <c>--set</c> may go on: with the settings' paths, and after <c>=</c> with the words that a setting can be.</summary>
    public static IEnumerable<CompletionItem> Settings(CompletionContext context)
    {
        var word = context.WordToComplete;
        if (word.IndexOf('=', StringComparison.Ordinal) is var at && at < 0)
        {
            return SettingCatalog.All.Where(setting => !setting.Path.Contains("[]", StringComparison.Ordinal) && setting.Path.StartsWith(word, StringComparison.Ordinal))
                .Select(setting => new CompletionItem(setting.Path + "="));
        }

        var path = word[..at];
        return SettingCatalog.All.Where(setting => setting.Path == path || setting.ShortName == path)
            .SelectMany(setting => setting.Type.Choices).Select(choice => new CompletionItem($"{path}={choice}"));
    }
}
