using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using Harness.Store.Exports.TensorBoard;
using Harness.Training.Models.Onnx;

namespace Harness.Tests.Structure;

/// <summary>The code of a .proto file is committed, so that nobody who builds downloads the compiler. It must be the code of that file.</summary>
public sealed partial class GeneratedSchemaTests
{
    [Theory]
    [InlineData("Workers/Harness.Training/Models/onnx.proto")]
    [InlineData("Orchestrator/Harness.Store/Exports/tensorboard.proto")]
    public void Committed_code_has_the_fields_of_its_proto_file(string path)
    {
        var descriptor = path.EndsWith("onnx.proto", StringComparison.Ordinal) ? OnnxReflection.Descriptor : TensorboardReflection.Descriptor;
        var written = Field().Matches(File.ReadAllText(Path.Combine(Repository.Root, path))).Select(match => $"{match.Groups[1].Value}={match.Groups[2].Value}").ToList();
        var compiled = descriptor.MessageTypes.SelectMany(Fields).Concat(descriptor.EnumTypes.SelectMany(Values)).ToList();

        written.Count.ShouldBeGreaterThan(10);
        compiled.Order(StringComparer.Ordinal).ShouldBe(written.Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Fields(MessageDescriptor message) => message.Fields.InDeclarationOrder().Select(field => $"{field.Name}={field.FieldNumber}")
        .Concat(message.NestedTypes.Where(nested => nested.GetOptions()?.MapEntry != true).SelectMany(Fields))
        .Concat(message.EnumTypes.SelectMany(Values));

    private static IEnumerable<string> Values(EnumDescriptor values) => values.Values.Select(value => $"{value.Name}={value.Number}");

    [GeneratedRegex(@"^(?!\s*(?://|syntax |option |package ))[^=\n]*\b(\w+) = (\d+)\s*(?:\[[^\]]*\])?;", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Field();
}
