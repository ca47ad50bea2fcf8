using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard;

/// <summary>The lists, each as its address asks for it; made once for all who look at the same address.</summary>
internal sealed class ListPages(ClusterViews views, SummaryDesk summaries, PageRenderer renderer, EmbeddedHarness harness, TimeProvider time)
{
    private const int ExperimentsPerPage = 30, TrialsPerPage = 150, EventsPerPage = 100, WorkersPerPage = 100, LeftShown = 20;

    /// <summary>Workers are sorted in memory; more than a cluster has.</summary>
    private const int MostWorkers = 4000;

    private const string State = "state", Kind = "kind", Who = "who", Show = "show", Where = "where", Before = "before", People = "people";

    public static ListForm ExperimentsForm(HttpContext context) => new(ExperimentsAddress(context), "Search experiments",
    [
        new(State, "State", "any", [.. ExperimentQuery.States.Select(state => (state, state))]),
        new(ListAddress.Sort, "Sort by", null, [("submitted", "submission"), ("name", "name"), ("state", "state"), ("trials", "number of trials"), ("priority", "priority"), ("finished", "end")]) { Default = "submitted" },
        new(ListAddress.Order, "Order", null, [(ListAddress.Descending, "falling"), (ListAddress.Ascending, "rising")]) { Default = ListAddress.Descending },
    ]);

    public static ListForm TrialsForm(HttpContext context) => new(TrialsAddress(context), "Search trials", []);

    public static ListForm EventsForm(HttpContext context) => new(EventsAddress(context), "Search events", [new(Who, "By", "anybody", [(People, "people and programs")])]);

    public static ListForm WorkersForm(HttpContext context) => new(WorkersAddress(context), "Search workers", [new(Show, "Show", "all", [("busy", "busy"), ("idle", "idle"), ("draining", "draining")])]);

    public Task<(string, long)> Experiments(HttpContext context)
    {
        var address = ExperimentsAddress(context);
        return Part(address, async () =>
        {
            var query = new ExperimentQuery(OneOf(address[State], ExperimentQuery.States), address[ListAddress.Search], OneOf(address[ListAddress.Sort], ExperimentQuery.Sorts), address[ListAddress.Order] != ListAddress.Ascending);
            var page = await views.Experiments(query, address.Number, ExperimentsPerPage, default);
            return await renderer.Render<ExperimentsPart>(
                (nameof(ExperimentsPart.Page), page), (nameof(ExperimentsPart.Address), address), (nameof(ExperimentsPart.Answers), await summaries.Known(page.Items)), (nameof(ExperimentsPart.Now), time.GetUtcNow()));
        });
    }

    public Task<(string, long)> Trials(ExperimentSummary experiment, HttpContext context)
    {
        var address = TrialsAddress(context);
        return Part(address, async () =>
        {
            var query = new TrialQuery(
                OneOf(address[State], Words.States), address[ListAddress.Search], [.. address.All(Where).Select(level => level.Split('=', 2)).Where(parts => parts.Length == 2).Select(parts => KeyValuePair.Create(parts[0], parts[1]))],
                OneOf(address[ListAddress.Sort], TrialQuery.Sorts), (address[ListAddress.Order] ?? FirstOrder(address[ListAddress.Sort])) == ListAddress.Descending);
            var page = await views.Read(connection => ListReader.Trials(connection, experiment.Id, query, address.Number, TrialsPerPage), default);
            return await renderer.Render<TrialsPart>((nameof(TrialsPart.Model), new TrialsModel(experiment, page, address)));
        });
    }

    public Task<(string, long)> Events(long? experiment, HttpContext context)
    {
        var address = EventsAddress(context);
        return Part(address, async () =>
        {
            var before = long.TryParse(address[Before], System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var seq) ? seq : (long?)null;
            var filter = new EventFilter(experiment, null, address[Kind], address[ListAddress.Search], address[Who] == People);
            var order = OneOf(address[ListAddress.Sort], EventOrder.Sorts) is { } sort ? new EventOrder(sort, (address[ListAddress.Order] ?? EventsPart.FirstOrder(sort)) == ListAddress.Descending) : null;
            // The newest first is read from a place in the list, so that it goes back to the first event; any other order by pages.
            var model = await views.Read(connection =>
            {
                var kinds = experiment is null ? ClusterReader.EventKinds(connection) : [];
                if (order is not null and not { Sort: "when", Descending: true })
                {
                    var page = ClusterReader.EventsSorted(connection, filter, order, address.Number, EventsPerPage);
                    return new EventsModel(time.GetUtcNow(), address, page.Items, kinds, null) { Sorted = page };
                }

                var events = ClusterReader.EventsBefore(connection, before, filter, EventsPerPage);
                return new EventsModel(time.GetUtcNow(), address, events, kinds, events.Count == EventsPerPage ? events[^1].Seq : null);
            }, default);
            return await renderer.Render<EventsPart>((nameof(EventsPart.Model), model));
        });
    }

    public Task<(string, long)> Workers(HttpContext context)
    {
        var address = WorkersAddress(context);
        return Part(address, async () =>
        {
            var reply = (await views.Workers(null, MostWorkers, LeftShown, default, withHistory: true))!;
            var there = reply.Workers.Where(worker => worker.LeftAt is null).ToList();
            var wanted = Sorted(there.Where(worker => IsWanted(worker, address)), address).ToList();
            List<WorkerView> shown = [.. wanted.Skip((address.Number - 1) * WorkersPerPage).Take(WorkersPerPage)];
            return await renderer.Render<WorkersPart>((nameof(WorkersPart.Model), new WorkersModel(
                time.GetUtcNow(), harness.Folder, new ListPage<WorkerView>(shown, address.Number, WorkersPerPage, wanted.Count), [.. reply.Workers.Where(worker => worker.LeftAt is not null)], address,
                (await views.Capacity(default)).Workers)));
        });
    }

    private static bool IsWanted(WorkerView worker, ListAddress address)
    {
        var isShown = address[Show] switch { "busy" => worker.Busy > 0, "idle" => worker.Busy == 0, "draining" => worker.Draining, _ => true };
        return isShown && (address[ListAddress.Search] is not { } text || ((string[])[worker.Worker, Words.Worker(worker), worker.Processor ?? "", .. worker.Devices]).Any(field => field.Contains(text, StringComparison.OrdinalIgnoreCase)));
    }

    private static IEnumerable<WorkerView> Sorted(IEnumerable<WorkerView> workers, ListAddress address)
    {
        Func<WorkerView, double>? by = address[ListAddress.Sort] switch
        {
            "busy" => worker => (double)worker.Busy / Math.Max(1, worker.Slots),
            "load" => worker => worker.Load?.Processor ?? -1,
            "gpu" => worker => (worker.Load?.Devices ?? []).Select(device => device.Utilisation ?? 0).DefaultIfEmpty(-1).Average(),
            "rate" => worker => worker.History?.TrialsPerHour ?? 0,
            "joined" => worker => worker.JoinedAt.ToUnixTimeMilliseconds(),
            _ => null,
        };
        if (by is not null) return address[ListAddress.Order] == ListAddress.Ascending ? workers.OrderBy(by) : workers.OrderByDescending(by);
        return address[ListAddress.Order] == ListAddress.Descending ? workers.OrderByDescending(worker => worker.Host, StringComparer.Ordinal) : workers;
    }

    /// <summary>The order that a column of the trials begins with, as its heading offers it.</summary>
    private static string FirstOrder(string? sort) => sort is "steps" or "ms" or "attempts" ? ListAddress.Descending : ListAddress.Ascending;

    private static ListAddress ExperimentsAddress(HttpContext context) => ListAddress.Of(context, ListAddress.Search, State, ListAddress.Sort, ListAddress.Order, ListAddress.Page);

    private static ListAddress TrialsAddress(HttpContext context) => ListAddress.Of(context, ListAddress.Search, State, Where, ListAddress.Sort, ListAddress.Order, ListAddress.Page);

    private static ListAddress EventsAddress(HttpContext context) => ListAddress.Of(context, ListAddress.Search, Kind, Who, Before, ListAddress.Sort, ListAddress.Order, ListAddress.Page);

    private static ListAddress WorkersAddress(HttpContext context) => ListAddress.Of(context, ListAddress.Search, Show, ListAddress.Sort, ListAddress.Order, ListAddress.Page);

    private static string? OneOf(string? word, IReadOnlyList<string> known) => known.Contains(word, StringComparer.Ordinal) ? word : null;

    private Task<(string, long)> Part(ListAddress address, Func<Task<string>> render) => views.Shared(address.ToString(), isDrawn: false, isSettled: false, render);
}
