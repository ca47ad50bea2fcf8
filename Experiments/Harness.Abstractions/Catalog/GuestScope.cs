namespace Harness.Abstractions.Catalog;

/// <summary>A catalogue's guest while it lasts: seen by the calling context only, so that nobody else's list changes.</summary>
public sealed class GuestScope<T> : IDisposable where T : class
{
    private readonly AsyncLocal<T?> place;

    public GuestScope(AsyncLocal<T?> place, T guest)
    {
        this.place = place;
        place.Value = guest;
    }

    public void Dispose() => place.Value = null;
}
