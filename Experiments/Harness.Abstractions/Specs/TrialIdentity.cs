using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Harness.Abstractions.Specs;

/// <summary>A trial is its content: the identity is a hash of everything that can change its outcome.</summary>
public static class TrialIdentity
{
    /// <summary>The first 128 bits of the SHA-256 of the spec's canonical JSON, as 32 lower-case hexadecimal digits.</summary>
    public static string Of(TrialSpec spec) => Convert.ToHexStringLower(SHA256.HashData(CanonicalJson(spec)).AsSpan(0, 16));

    /// <summary>The bytes that are hashed: properties in declared order, absent values left out, invariant numbers.</summary>
    public static byte[] CanonicalJson(TrialSpec spec) => JsonSerializer.SerializeToUtf8Bytes(spec, Json);

    private static readonly JsonTypeInfo<TrialSpec> Json = SpecJson.Default.TrialSpec;
}
