namespace OneRing.Web.Components.Shared;

/// <summary>Tells why nothing can be read any more. Open pages outlive their server by as long as its process does.</summary>
internal static class StoppedServer
{
    /// <summary>Whether something failed because the server has stopped, so that it is in vain to try again.</summary>
    public static bool Explains(Exception fault) => fault is ObjectDisposedException { ObjectName: nameof(IServiceProvider) };
}
