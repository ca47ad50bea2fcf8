using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>Trials over HTTP. A trial is named by its number in this database, or by its hash or the beginning of it.</summary>
internal static class TrialEndpoints
{
    public static void Map(RouteGroupBuilder api)
    {
        var trials = api.MapGroup("/trials/{trial}").WithTags("Trials");
        trials.MapGet("/", (string trial, ClusterViews views, CancellationToken cancellation) => Of(views, trial, (connection, id) => Results.Json(TrialReader.Read(connection, id), ApiJson.Default.TrialDetail), cancellation))
            .WithSummary("A trial: its settings, attempts and outcome.").Produces<TrialDetail>();
        trials.MapGet("/metrics", (string trial, ClusterViews views, CancellationToken cancellation) => Of(views, trial, (connection, id) => Results.Json(new MetricsReply(CurveReader.Ranges(connection, id)), ApiJson.Default.MetricsReply), cancellation))
            .WithSummary("The names and ranges of its recorded curves.").Produces<MetricsReply>();
        trials.MapGet("/metrics/{metric}", Metric)
            .WithSummary("A range of a curve, in a limited number of points; a longer range comes in buckets with smallest, largest and last value.").Produces<MetricView>();
        trials.MapGet("/gradients", (string trial, ClusterViews views, CancellationToken cancellation) => Of(views, trial, (connection, id) => Results.Json(new GradientsReply(TrialReader.Gradients(connection, id)), ApiJson.Default.GradientsReply), cancellation))
            .WithSummary("Its gradient profiles: the norm of the loss's gradient by lag.").Produces<GradientsReply>();
        trials.MapGet("/attempts/{number:int}/log", Log).WithSummary("The last trainer output of a failed attempt.").Produces<AttemptLog>();
    }

    private static Task<IResult> Log(string trial, int number, ClusterViews views, CancellationToken cancellation) => Of(views, trial, (connection, id) =>
        TrialReader.Log(connection, id, number) is { } log ? Results.Json(log, ApiJson.Default.AttemptLog) : Problems.NotFound(FormattableString.Invariant($"Trial {id} has no attempt {number}.")), cancellation);

    private static Task<IResult> Metric(string trial, string metric, ClusterViews views, CancellationToken cancellation, int from = 0, int to = int.MaxValue, int points = 500) => Of(views, trial, (connection, id) =>
        CurveReader.Read(connection, id, metric, from, to, Math.Clamp(points, 1, CurveReader.MostPoints)) is { } view
            ? Results.Json(view, ApiJson.Default.MetricView)
            : Problems.NotFound($"Trial {id} has recorded nothing called '{metric}' there. It has: {string.Join(", ", CurveReader.Ranges(connection, id).Select(range => range.Metric))}."), cancellation);

    private static Task<IResult> Of(ClusterViews views, string trial, Func<Microsoft.Data.Sqlite.SqliteConnection, long, IResult> show, CancellationToken cancellation) => views.Read(
        connection => TrialReader.Find(connection, trial) is { } id
            ? show(connection, id)
            : Problems.NotFound("There is no trial of that number, or no single one whose hash begins like that."),
        cancellation);
}
