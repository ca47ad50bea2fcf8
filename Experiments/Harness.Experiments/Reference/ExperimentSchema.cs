using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Unicode;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Reading;

namespace Harness.Experiments.Reference;

/// <summary>The JSON Schema (draft-07) of the experiment file, for editors. It is made from the table that the reader reads by.</summary>
public static class ExperimentSchema
{
    private const string Definitions = "definitions";
    private const string LevelsSuffix = "-levels";
    private const string SearchSuffix = ".search";

    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.Create(UnicodeRanges.All),
    };

    /// <summary>The schema's text, with a line break at the end.</summary>
    public static string Json() => Schema().ToJsonString(Options) + "\n";

    private static JsonObject Schema()
    {
        var definitions = new JsonObject();
        foreach (var setting in SettingCatalog.All) definitions[setting.Path] = SettingSchema(setting);
        foreach (var setting in SettingCatalog.Factors) definitions[setting.Path + LevelsSuffix] = Levels(setting);
        foreach (var setting in SettingCatalog.Tunable) definitions[setting.Path + SearchSuffix] = SearchOf(setting);
        foreach (var setting in ClaimSettingCatalog.All) definitions[setting.Path] = SettingSchema(setting);

        var root = GroupSchema(KeyGroup.Of(SettingCatalog.All));
        var properties = (JsonObject)root["properties"]!;
        properties[BlockNames.Matrix] = MatrixSchema();
        properties[BlockNames.Seeds] = SeedsSchema((JsonObject)properties[BlockNames.Seeds]!.DeepClone());
        var tune = (JsonObject)properties[BlockNames.Tune]!;
        tune["properties"]![TuneReader.Over] = OverSchema();
        tune["properties"]![TuneReader.Per] = new JsonObject
        {
            ["description"] = "The factors whose levels are tuned by themselves; conditions that agree in them share their points. Without it, every condition is tuned by itself.",
            ["type"] = "array", ["items"] = Enumeration([.. SettingCatalog.Factors.Select(factor => factor.Name)]),
        };
        tune["required"] = new JsonArray(TuneReader.Over);
        properties[BlockNames.Claims] = ClaimsSchema(FactorLevels());
        var schema = new JsonObject
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "Experiment",
            ["description"] = "An experiment that compares recurrent networks.",
        };
        foreach (var (key, value) in root.ToArray()) schema[key] = value!.DeepClone();
        schema["required"] = new JsonArray(SettingCatalog.Version.Path, SettingCatalog.Name.Path);
        schema[Definitions] = definitions;
        return schema;
    }

    private static JsonObject GroupSchema(KeyGroup group)
    {
        var properties = new JsonObject();
        foreach (var name in group.Names)
        {
            if (group.Groups.TryGetValue(name, out var inner)) properties[name] = GroupSchema(inner);
            else if (group.Settings.TryGetValue(name, out var setting)) properties[name] = ValueOrPerCell(setting);
        }

        return Object(properties);
    }

    private static JsonObject ValueOrPerCell(SettingDescriptor setting)
    {
        if (setting.CanBePerLanguage) return PerLanguage(setting);
        if (!setting.CanBePerCell) return Reference(setting);
        var cells = new JsonObject();
        foreach (var cell in CellCatalog.All) cells[cell.Name] = Reference(setting);
        var perCell = Object(cells);
        perCell["minProperties"] = 1;
        return new JsonObject { ["description"] = setting.Summary, ["anyOf"] = new JsonArray(Reference(setting), perCell) };
    }

    private static JsonObject PerLanguage(SettingDescriptor setting)
    {
        var languages = new JsonObject();
        foreach (var language in ReportLanguages.All) languages[language] = Reference(setting);
        var perLanguage = Object(languages);
        perLanguage["minProperties"] = 1;
        return new JsonObject { ["description"] = setting.Summary, ["anyOf"] = new JsonArray(Reference(setting), perLanguage) };
    }

    private static JsonObject MatrixSchema()
    {
        var properties = new JsonObject();
        foreach (var (name, levels) in (JsonObject)FactorLevels()["properties"]!) properties[name] = levels!.DeepClone();
        var arm = FactorLevels();
        var label = ValueSchema(new NameType());
        label["description"] = "What claims and tables call this arm.";
        arm["properties"]![MatrixReader.Label] = label;
        properties[MatrixReader.Include] = List(arm, "Arms beside the matrix; each takes part in every combination of the factors that it does not name. Where several values are listed, there is one arm per combination.");
        properties[MatrixReader.Exclude] = List(FactorLevels(), "Combinations of the matrix that are left out.");
        var matrix = Object(properties);
        matrix["description"] = "The factors and their levels; all combinations are trained.";
        return matrix;
    }

    /// <summary>What is searched of each setting that can be tuned.</summary>
    private static JsonObject OverSchema()
    {
        var properties = new JsonObject();
        foreach (var setting in SettingCatalog.Tunable)
        {
            foreach (var name in new[] { setting.ShortName, setting.Path }.OfType<string>().Distinct(StringComparer.Ordinal)) properties[name] = ReferenceTo(setting.Path + SearchSuffix);
        }

        var over = Object(properties);
        over["description"] = "The settings that are searched, each a range or a list of values.";
        over["minProperties"] = 1;
        return over;
    }

    private static JsonObject SearchOf(SettingDescriptor setting)
    {
        var values = new JsonObject { ["type"] = "array", ["items"] = Reference(setting), ["minItems"] = 2, ["uniqueItems"] = true };
        var forms = new JsonObject
        {
            [TuneReader.Arms] = new JsonObject { ["description"] = "The arms that have it in their search; all where it is not given.", ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "array", ["items"] = new JsonObject { ["type"] = "string" }, ["minItems"] = 1 }) },
            [TuneReader.Values] = values.DeepClone(),
        };
        if ((setting.Type is OptionalType optional ? optional.Inner : setting.Type) is NumberType or WholeNumberType)
        {
            forms[TuneReader.Log] = Ends("Evenly in the logarithm between two numbers above 0.");
            forms[TuneReader.Linear] = Ends("Evenly between two numbers.");
            forms[TuneReader.Whole] = Ends("Whole numbers, evenly between two numbers.");
        }

        return new JsonObject { ["description"] = setting.Summary, ["anyOf"] = new JsonArray(values, Object(forms)) };
    }

    private static JsonObject Ends(string description) => new() { ["description"] = description, ["type"] = "array", ["items"] = new JsonObject { ["type"] = "number" }, ["minItems"] = 2, ["maxItems"] = 2 };

    private static JsonObject FactorLevels()
    {
        var properties = new JsonObject();
        foreach (var setting in SettingCatalog.Factors)
        {
            foreach (var name in new[] { setting.ShortName, setting.Path }.OfType<string>().Distinct(StringComparer.Ordinal)) properties[name] = ReferenceTo(setting.Path + LevelsSuffix);
        }

        return Object(properties);
    }

    private static JsonObject Levels(SettingDescriptor setting)
    {
        var forms = new JsonArray(Reference(setting), new JsonObject
        {
            ["type"] = "array", ["items"] = Reference(setting), ["minItems"] = 1, ["uniqueItems"] = true,
        });
        var type = setting.Type is OptionalType optional ? optional.Inner : setting.Type;
        if (type is WholeNumberType or NumberType)
        {
            forms.Add(Range("times", "Each level is this many times the one before."));
            forms.Add(Range("steps", "So many levels, evenly spaced."));
        }

        return new JsonObject { ["description"] = setting.Summary, ["anyOf"] = forms };
    }

    private static JsonObject Range(string step, string description)
    {
        var range = Object(new JsonObject
        {
            ["from"] = new JsonObject { ["type"] = "number" },
            ["to"] = new JsonObject { ["type"] = "number" },
            [step] = new JsonObject { ["type"] = "number", ["description"] = description },
        });
        range["required"] = new JsonArray("from", "to", step);
        return range;
    }

    private static JsonObject SeedsSchema(JsonObject group) => new()
    {
        ["description"] = "The seeds: { count, base }, a list, or how many.",
        ["anyOf"] = new JsonArray(group, Reference(SettingCatalog.SeedCount), new JsonObject
        {
            ["type"] = "array", ["items"] = Reference(SettingCatalog.SeedBase), ["minItems"] = 1, ["uniqueItems"] = true,
        }),
    };

    /// <param name="levels">Schema of a mapping from factors to levels.</param>
    private static JsonObject ClaimsSchema(JsonObject levels)
    {
        var properties = new JsonObject();
        foreach (var setting in ClaimSettingCatalog.All) properties[setting.Key] = Reference(setting);
        properties[ClaimSettingCatalog.Where] = levels.DeepClone();
        properties[ClaimSettingCatalog.Where]!["description"] = "The conditions that are looked at, by factors and their levels.";
        var claim = Object(properties);
        claim["required"] = new JsonArray([.. ClaimSettingCatalog.All.Where(setting => setting.IsRequired).Select(setting => JsonValue.Create(setting.Key))]);
        return List(claim, "Statements that the report decides with evidence.");
    }

    private static JsonObject SettingSchema(SettingDescriptor setting)
    {
        var schema = ValueSchema(setting.Type);
        schema["description"] = setting.DefaultNote is { } note ? $"{setting.Summary} Default: {note}." : setting.Summary;
        if (setting.Default is { } text) schema["default"] = AsJson(setting.Type, text);
        schema["examples"] = new JsonArray(AsJson(setting.Type, setting.Example));
        return schema;
    }

    private static JsonObject ValueSchema(SettingType type) => type switch
    {
        WholeNumberType whole => new JsonObject { ["type"] = "integer", ["minimum"] = whole.Minimum, ["maximum"] = whole.Maximum },
        NumberType number => new JsonObject { ["type"] = "number", [number.AboveMinimum ? "exclusiveMinimum" : "minimum"] = number.Minimum, ["maximum"] = number.Maximum },
        QuantityType => AnyOf(new JsonObject { ["type"] = "integer", ["minimum"] = 1 }, Pattern(@"^[0-9.]+[kMG]$")),
        DurationType => Pattern("^[0-9.]+[smh]$"),
        WordType words => Enumeration(words.Words),
        SwitchType => new JsonObject { ["type"] = "boolean" },
        NameType name => Pattern(string.Create(CultureInfo.InvariantCulture, $@"^(?!.*\.\.)[\p{{L}}\p{{Nd}}][\p{{L}}\p{{M}}\p{{Nd}}._+-]{{0,{name.Longest - 1}}}$")),
        TextType text => new JsonObject { ["type"] = "string", ["maxLength"] = text.Longest },
        WordListType list => AnyOf(Enumeration(list.Words), new JsonObject { ["type"] = "array", ["items"] = Enumeration(list.Words), ["minItems"] = 1, ["uniqueItems"] = true }),
        WholeNumberListType numbers => AnyOf(ValueSchema(numbers.Item), new JsonObject { ["type"] = "array", ["items"] = ValueSchema(numbers.Item), ["minItems"] = 1, ["uniqueItems"] = true }),
        OptionalType optional => AnyOf(ValueSchema(optional.Inner), new JsonObject { ["const"] = optional.AbsentWord }),
        NameListType names => AnyOf(NameOf(names), new JsonObject { ["type"] = "array", ["items"] = NameOf(names), ["minItems"] = 1, ["uniqueItems"] = true }),
        FilePathType => Pattern(@"^(?!/)(?!(.*/)?\.\.(/|$))[^\\:*?""<>|]{1,250}$"),
        HorizonType horizon => AnyOf(ValueSchema(horizon.Single), Pattern("^ *[0-9]{1,5} *\\.\\. *[0-9]{1,5} *$")),
        FoldType => Pattern("^ *[0-9]{1,2} */ *[0-9]{1,2} *$"),
        SplitType => Pattern("^ *[0-9]{1,3} */ *[0-9]{1,3} *(/ *[0-9]{1,3} *)?$"),
        TaskParameterType parameter => AnyOf([.. parameter.Types.Select(ValueSchema)]),
        MarginType { AllowsAmount: true } => AnyOf(new JsonObject { ["type"] = "number", ["exclusiveMinimum"] = 0 }, Pattern("^[0-9.]+(x|%)$")),
        MarginType => Pattern("^[0-9.]+(x|%)$"),
        ThresholdType => AnyOf(new JsonObject { ["type"] = "number" }, Side("below"), Side("above")),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "A setting type without a schema."),
    };

    private static JsonObject NameOf(NameListType type) => new() { ["type"] = "string", ["maxLength"] = type.Longest };

    private static JsonObject Side(string side)
    {
        var schema = Object(new JsonObject { [side] = new JsonObject { ["type"] = "number" } });
        schema["required"] = new JsonArray(side);
        return schema;
    }

    private static JsonNode AsJson(SettingType type, string text)
    {
        if (type is WholeNumberListType) return new JsonArray([.. text.Trim('[', ']').Split(", ").Select(number => JsonValue.Create(long.Parse(number, CultureInfo.InvariantCulture)))]);
        if (text.StartsWith('[')) return new JsonArray([.. text.Trim('[', ']').Split(", ").Select(word => JsonValue.Create(word))]);
        if (type is SwitchType) return JsonValue.Create(text == "true");
        var isNumber = type is not (NameType or TextType or WordType) && NumberType.TryRead(text, out _);
        NumberType.TryRead(text, out var number);
        if (!isNumber) return JsonValue.Create(text);
        return number == Math.Floor(number) ? JsonValue.Create((long)number) : JsonValue.Create(number);
    }

    private static JsonObject Object(JsonObject properties) => new() { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = false };

    private static JsonObject List(JsonObject items, string description) => new() { ["description"] = description, ["type"] = "array", ["items"] = items, ["minItems"] = 1 };

    private static JsonObject AnyOf(params JsonNode[] forms) => new() { ["anyOf"] = new JsonArray(forms) };

    private static JsonObject Enumeration(IReadOnlyList<string> words) => new() { ["enum"] = new JsonArray([.. words.Select(word => JsonValue.Create(word))]) };

    private static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    private static JsonObject Reference(SettingDescriptor setting) => ReferenceTo(setting.Path);

    private static JsonObject ReferenceTo(string definition) => new() { ["$ref"] = $"#/{Definitions}/{definition}" };
}
