using System.Globalization;
using Orleans.Configuration;

namespace Harness.Server.Hosting;

/// <summary>
/// Declares dead, before a server joins, the silos of processes that have ended without a word. A joining silo waits for an answer from every silo that the
/// membership table calls active, and after kill -9 that is its own predecessor.
/// </summary>
internal static class FormerSilos
{
    private const string Server = "server", Worker = "worker";

    /// <summary>Somebody else may change the table meanwhile: a worker that joins or leaves.</summary>
    private const int Tries = 10;

    /// <summary>A silo's name says what its process is and which one.</summary>
    public static void Name(ISiloBuilder silo, bool isServer) => silo.Configure<SiloOptions>(options =>
        options.SiloName = string.Create(CultureInfo.InvariantCulture, $"{(isServer ? Server : Worker)}-{Environment.ProcessId}"));

    /// <param name="ownsTable">Whether the table belongs to this server's data folder. The holder of its lock knows that no other server of it lives.</param>
    /// <returns>How many silos were declared dead.</returns>
    public static async Task<int> DeclareDead(IMembershipTable table, bool ownsTable)
    {
        await table.InitializeMembershipTableAsync(true);
        var declared = 0;
        for (var tried = 0; tried < Tries; tried++)
        {
            var seen = await table.ReadAllAsync();
            var (entry, etag) = seen.Members.Select(member => (member.Item1, member.Item2)).FirstOrDefault(member => member.Item1.Status != SiloStatus.Dead && IsGone(member.Item1, ownsTable));
            if (entry is null) return declared;
            entry.Status = SiloStatus.Dead;
            if (!await table.UpdateRowAsync(entry, etag, seen.Version.Next())) continue;
            declared++;
            tried = 0;
        }

        return declared;
    }

    private static bool IsGone(MembershipEntry entry, bool ownsTable)
    {
        // Silos of earlier versions have names without a process.
        if (entry.SiloName?.Split('-') is not [Server or Worker, var text] || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var process)) return false;
        if (process == Environment.ProcessId) return true;
        return (ownsTable && entry.SiloName.StartsWith(Server, StringComparison.Ordinal)) || LiveProcess.IsGone(entry.HostName, process);
    }
}
