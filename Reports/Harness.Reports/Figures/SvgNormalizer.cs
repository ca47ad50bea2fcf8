using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Harness.Reports.Figures;

/// <summary>
/// Turns ScottPlot's SVG into one that can live in a page: scalable, labelled, themed by CSS variables, free of anything
/// that depends on the machine or on what was drawn before. Two renders of the same panel give the same text.
/// </summary>
internal static partial class SvgNormalizer
{
    /// <summary>Normalises one drawing.</summary>
    /// <param name="raw">What ScottPlot wrote, drawn with <see cref="SentinelColours"/> and without any text.</param>
    /// <param name="panel">Gives ids, title, description and the series' styles.</param>
    /// <param name="underlay">Elements that everything else is drawn on.</param>
    /// <param name="overlay">Words and leaders placed by <see cref="PanelText"/>, put last.</param>
    /// <exception cref="InvalidOperationException">The drawing holds a text or a colour that is not a sentinel: it would depend on the host's fonts or break dark mode.</exception>
    public static string Normalize(string raw, Panel panel, IEnumerable<XElement> underlay, IEnumerable<Placed> overlay)
    {
        var source = XDocument.Parse(raw).Root!;
        var clips = new Dictionary<string, string>(StringComparer.Ordinal); // id in the drawing → id in the page
        var clipByShape = new Dictionary<string, string>(StringComparer.Ordinal);
        var content = new List<XElement>();
        foreach (var element in source.Elements())
        {
            if (element.Name.LocalName == "clipPath") AddClip(element);
            else if (Convert(element, panel, clips) is { } converted) content.Add(converted);
        }

        var svg = new XElement("svg",
            new XAttribute("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {panel.Width} {panel.Height}")),
            new XAttribute("role", "img"),
            new XAttribute("aria-labelledby", $"{panel.Id}-title {panel.Id}-desc"),
            new XElement("title", new XAttribute("id", panel.Id + "-title"), panel.Title),
            new XElement("desc", new XAttribute("id", panel.Id + "-desc"), panel.Description));
        foreach (var (shape, id) in clipByShape.OrderBy(pair => pair.Value, StringComparer.Ordinal))
            svg.Add(new XElement("clipPath", new XAttribute("id", id), XElement.Parse(shape)));
        svg.Add(underlay);
        foreach (var group in Grouped(content, panel)) svg.Add(group);
        svg.Add(overlay.Select(PlacedSvg.Element));
        return svg.ToString(SaveOptions.DisableFormatting);

        void AddClip(XElement element)
        {
            var shape = new XElement("rect", element.Elements().Single().Attributes()
                .Where(a => !a.IsNamespaceDeclaration).Select(a => new XAttribute(a.Name, Rounded(a.Value)))).ToString(SaveOptions.DisableFormatting);
            if (!clipByShape.TryGetValue(shape, out var id))
                clipByShape[shape] = id = string.Create(CultureInfo.InvariantCulture, $"{panel.Id}-c{clipByShape.Count}");
            clips[element.Attribute("id")!.Value] = id;
        }
    }

    /// <summary>Consecutive elements of one series become one group, so that a page can fade the others.</summary>
    private static IEnumerable<XElement> Grouped(IEnumerable<XElement> content, Panel panel)
    {
        XElement? group = null;
        foreach (var element in content)
        {
            var series = element.DescendantsAndSelf().Select(e => e.Annotation<SeriesTag>()).FirstOrDefault(tag => tag is not null)?.Index ?? -1;
            var clip = element.Attribute("clip-path")?.Value;
            var key = (series, clip);
            if (group?.Annotation<GroupTag>()?.Key == key)
            {
                group!.Add(element.Name == "g" ? element.Elements() : element);
                continue;
            }

            if (group is not null) yield return group;
            group = new XElement("g");
            group.AddAnnotation(new GroupTag(key));
            if (clip is not null) group.SetAttributeValue("clip-path", clip);
            if (series >= 0) group.SetAttributeValue("data-series", panel.Series[series].Key);
            group.Add(element.Name == "g" ? element.Elements() : element);
        }

        if (group is not null) yield return group;
    }

    private static XElement? Convert(XElement element, Panel panel, Dictionary<string, string> clips)
    {
        switch (element.Name.LocalName)
        {
            case "g":
                var group = new XElement("g", element.Elements().Select(child => Convert(child, panel, clips)).Where(child => child is not null));
                if (element.Attribute("clip-path")?.Value is { } clip) group.SetAttributeValue("clip-path", $"url(#{clips[clip[5..^1]]})");
                return group.HasElements ? group : null;
            case "text":
                throw new InvalidOperationException($"The drawing '{panel.Id}' holds a text, '{element.Value.Trim()}'. A host without fonts would leave it out; place it with PanelText.");
            default:
                return Shape(element, panel);
        }
    }

    private static XElement? Shape(XElement element, Panel panel)
    {
        var shape = new XElement(element.Name.LocalName);
        foreach (var attribute in element.Attributes())
        {
            var name = attribute.Name.LocalName;
            switch (name)
            {
                case "fill" or "stroke" when attribute.Value != "none":
                    var (role, series) = SentinelColours.Read(attribute.Value) ??
                        throw new InvalidOperationException($"The drawing '{panel.Id}' uses {name}=\"{attribute.Value}\", which stands for no role; it would not follow the page's theme.");
                    if (role == DrawnRole.Surface) return null; // the page's own background shows through
                    Paint(shape, name, role, series < 0 ? null : panel.Series[series].Style);
                    if (series >= 0) shape.AddAnnotation(new SeriesTag(series));
                    break;
                case "stroke-miterlimit" or "stroke-opacity" or "fill-opacity" or "stroke-width":
                    break;
                default:
                    shape.SetAttributeValue(name, Rounded(attribute.Value));
                    break;
            }
        }

        return shape;
    }

    private static void Paint(XElement shape, string attribute, DrawnRole role, SeriesStyle? style)
    {
        var look = DrawnLook.Of(role, style);
        shape.SetAttributeValue(attribute, look.Colour);
        if (attribute == "stroke") shape.SetAttributeValue("stroke-width", look.Width);
        shape.SetAttributeValue("stroke-dasharray", look.Dash);
        shape.SetAttributeValue(attribute + "-opacity", look.Opacity);
    }

    /// <summary>Tenths of a unit are below what anybody can see, and a third of the bytes.</summary>
    private static string Rounded(string text) => AnyNumber().Replace(text, match =>
    {
        var value = Math.Round(double.Parse(match.ValueSpan, NumberStyles.Float, CultureInfo.InvariantCulture), 1, MidpointRounding.AwayFromZero);
        return (value == 0 ? 0 : value).ToString("0.#", CultureInfo.InvariantCulture);
    });

    [GeneratedRegex(@"-?\d+(\.\d+)?(e-?\d+)?", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex AnyNumber();

    private sealed record SeriesTag(int Index);

    private sealed record GroupTag((int Series, string? Clip) Key);
}
