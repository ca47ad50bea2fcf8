using System.Text.Encodings.Web;
using System.Text.Unicode;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Sections;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Reports;

/// <summary>Writes an experiment's report.</summary>
public static class ReportWriter
{
    /// <summary>One HTML file that needs nothing else. Pure: the same results give the same bytes, on every machine and in every culture.</summary>
    /// <param name="results">What is reported; unfinished experiments give a provisional report.</param>
    public static async Task<string> Write(ExperimentResults results, ReportOptions options)
    {
        ArgumentNullException.ThrowIfNull(results);
        ArgumentNullException.ThrowIfNull(options);
        var services = new ServiceCollection();
        // The default encoder turns every × and – into a numeric reference; the page is UTF-8 and can show them as they are.
        services.AddSingleton(HtmlEncoder.Create(UnicodeRanges.All));
        await using var provider = services.BuildServiceProvider();
        await using var renderer = new HtmlRenderer(provider, NullLoggerFactory.Instance);
        return await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var pages = new List<WrittenPage>();
            foreach (var language in ReportLanguages.Named(options.Language))
            {
                var page = await Page(language);
                // The first keeps its anchors, so that a link into a report holds whether or not a second language follows.
                pages.Add(pages.Count == 0 ? page : page.WithPrefix());
            }

            var shown = pages.Find(page => page.Id == results.Report.Language) ?? pages[0];
            return (await Render<ReportDocument>((nameof(ReportDocument.Pages), pages), (nameof(ReportDocument.Shown), shown.Model))).ReplaceLineEndings("\n");
        });

        async Task<WrittenPage> Page(string language)
        {
            var model = ReportModelBuilder.Build(results, options with { Language = language });
            var (page, terms) = GlossaryMarks.Mark(await Render<ReportPage>((nameof(ReportPage.Model), model)), model.Texts);
            var list = await Render<GlossarySection>((nameof(GlossarySection.Terms), terms), (nameof(GlossarySection.Texts), model.Texts));
            return new(language, model, new(GlossaryMarks.WithList(page, list)));
        }

        async Task<string> Render<TComponent>(params (string Name, object? Value)[] parameters)
            where TComponent : IComponent =>
            (await renderer.RenderComponentAsync<TComponent>(ParameterView.FromDictionary(parameters.ToDictionary(part => part.Name, part => part.Value, StringComparer.Ordinal)))).ToHtmlString();
    }
}
