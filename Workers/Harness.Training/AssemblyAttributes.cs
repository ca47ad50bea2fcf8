using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Harness.Tests")]
[assembly: InternalsVisibleTo("Harness.Benchmarks")]
