using System.Net.Mime;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Net.Http.Headers;
using OneRing.Data;
using OneRing.Data.Drafts;
using OneRing.Web.Export;
using OneRing.Web.Users;

namespace OneRing.Web.Endpoints;

/// <summary>A draft as a file: for programs with a token, and for people from the page of the draft.</summary>
internal static class ExportEndpoints
{
    public static void MapExport(this IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/collab/drafts/{id}/export",
                async ([FromRoute] RouteId id, [FromQuery] Choice<ExportFormat>? format, [FromQuery] bool? authors, Caller caller, DraftService drafts, HttpContext context) =>
                    await drafts.FindAsync(id.Value, caller.UserId, SegmentChoice.All, now: null, context.RequestAborted) is { Draft: var draft }
                        ? FileOf(context, draft, format?.Value ?? ExportFormat.Md, authors ?? true)
                        : ApiProblem.For(Refusal.NotFound))
            .Describe<string>("ExportDraft", "The whole text as a file, with the names of its authors or without", "Drafts", ApiError.Validation, ApiError.NotFound)
            .Produces<string>(StatusCodes.Status200OK, "text/markdown", MediaTypeNames.Text.Plain, MediaTypeNames.Application.Json);

    /// <summary>The same for whoever is signed in with a cookie.</summary>
    public static void MapExportForPages(this IEndpointRouteBuilder routes) =>
        routes.MapGet(
                "/drafts/{id:guid}/export",
                async (Guid id, [FromQuery] Choice<ExportFormat>? format, [FromQuery] bool? authors, DraftService drafts, HttpContext context) =>
                    CurrentUser.IdOf(context.User) is { } userId && await drafts.FindAsync(id, userId, SegmentChoice.All, now: null, context.RequestAborted) is { Draft: var draft }
                        ? FileOf(context, draft, format?.Value ?? ExportFormat.Md, authors ?? true)
                        : Results.NotFound())
            .RequireAuthorization();

    private static IResult FileOf(HttpContext context, DraftView draft, ExportFormat format, bool withAuthors)
    {
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(DraftExport.FileName(draft.Title, format));
        context.Response.GetTypedHeaders().ContentDisposition = disposition;
        context.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { Private = true, NoStore = true };
        return Results.Bytes(DraftExport.Write(draft, format, withAuthors), DraftExport.ContentType(format));
    }
}
