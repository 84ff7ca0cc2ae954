using Microsoft.AspNetCore.Authentication;
using Scalar.AspNetCore;

namespace OneRing.Web.Endpoints;

/// <summary>The HTTP API: everything below /v1, over the same services as the pages.</summary>
internal static class Api
{
    public static void AddApi(this IServiceCollection services)
    {
        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, AccessTokenHandler>(AccessTokenHandler.SchemeName, configureOptions: null);
        services.ConfigureHttpJsonOptions(options => ApiJson.Configure(options.SerializerOptions));
        services.AddOpenApiDescription();
    }

    public static void MapApi(this IEndpointRouteBuilder routes)
    {
        var api = routes.MapGroup("/v1").RequireAuthorization();
        api.MapMe();
        api.MapDrafts();
        api.MapRing();
        api.MapTurns();
        api.MapCollaborators();
        api.MapInvites();
        api.MapExport();
        api.MapAnalytics();
        routes.MapOpenApi();
        routes.MapScalarApiReference("/docs", (page, context) =>
        {
            // Nothing is asked of another host, and nothing told to one.
            page.WithTitle("The HTTP API of OneRing").WithNonce(SecurityHeaders.AllowOneScript(context));
            page.DisableAgent().DisableMcp().DisableTelemetry();
            page.DefaultFonts = false;
            page.ProxyUrl = null;
            page.ShowDeveloperTools = DeveloperToolsVisibility.Never;
            page.HideClientButton = true;
            page.DefaultOpenAllTags = true;
            page.Favicon = "/favicon.svg";
        });
    }
}
