namespace Harness.Tests;

public sealed class SmokeTest
{
    [Fact]
    public void Runs() => (1 + 1).ShouldBe(2);
}
