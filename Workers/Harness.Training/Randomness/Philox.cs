namespace Harness.Training.Randomness;

/// <summary>Philox4x32-10: a counter-based generator. Block i of a key is a pure function of both, so nothing depends on what was drawn before.</summary>
/// <remarks>Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11, section 5. Integer arithmetic only: the same bits everywhere.</remarks>
internal static class Philox
{
    /// <summary>The 128-bit block of a 128-bit counter under a 64-bit key.</summary>
    public static (uint X0, uint X1, uint X2, uint X3) Block(ulong key, uint c0, uint c1, uint c2, uint c3)
    {
        var k0 = (uint)key;
        var k1 = (uint)(key >> 32);
        for (var round = 0; round < 10; round++)
        {
            var product0 = (ulong)0xD2511F53 * c0;
            var product1 = (ulong)0xCD9E8D57 * c2;
            (c0, c1, c2, c3) = ((uint)(product1 >> 32) ^ c1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ c3 ^ k1, (uint)product0);
            k0 += 0x9E3779B9;
            k1 += 0xBB67AE85;
        }

        return (c0, c1, c2, c3);
    }
}
