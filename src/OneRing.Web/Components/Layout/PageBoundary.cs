using System.Runtime.ExceptionServices;
using Microsoft.AspNetCore.Components.Web;
using OneRing.Data.Database;

namespace OneRing.Web.Components.Layout;

/// <summary>
/// Shows calm words in the place of a page that failed. A page that could not even be made because of the database is another matter: then the whole
/// request is answered so, with a status that says it.
/// </summary>
public sealed class PageBoundary : ErrorBoundary
{
    protected override Task OnErrorAsync(Exception exception)
    {
        if (!RendererInfo.IsInteractive && DatabaseTroubles.Of(exception) is not null)
        {
            // At once, and not by a task: so it goes on to whoever asked for the page.
            ExceptionDispatchInfo.Throw(exception);
        }
        return base.OnErrorAsync(exception);
    }
}
