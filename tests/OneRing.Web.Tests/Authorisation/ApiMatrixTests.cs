using System.Globalization;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Authorisation;

public sealed class ApiMatrixTests_InMemory(SiteInMemory site) : ApiMatrixTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class ApiMatrixTests_Postgres(SiteOnPostgres site) : ApiMatrixTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Who may do what over HTTP: every route of the API that the server has.</summary>
public abstract class ApiMatrixTests(Site site)
{
    /// <summary>The status of each answer.</summary>
    private static readonly Matrix Expected = new(
        """
        -- who                                                  Anonymous Stranger Reader Writer Holder Owner Former Disabled Admin
        GET /v1/me                                            | 401       200      200    200    200    200   200    401      200
        GET /v1/me/waiting                                    | 401       200      200    200    200    200   200    401      200
        PUT /v1/me/away                                       | 401       200      200    200    200    200   200    401      200
        PUT /v1/me/time-zone                                  | 401       200      200    200    200    200   200    401      200
        POST /v1/collab/drafts                                | 401       200      200    200    200    200   200    401      200
        GET /v1/collab/drafts                                 | 401       200      200    200    200    200   200    401      200
        GET /v1/collab/drafts/{id}                            | 401       404      200    200    200    200   404    401      404
        PATCH /v1/collab/drafts/{id}                          | 401       404      403    403    403    200   404    401      404
        POST /v1/collab/drafts/{id}/lock                      | 401       404      403    403    200    200   404    401      404
        POST /v1/collab/drafts/{id}/unlock                    | 401       404      403    403    403    409   404    401      404
        POST /v1/collab/drafts/{id}/complete                  | 401       404      403    403    403    200   404    401      404
        POST /v1/collab/drafts/{id}/segments                  | 401       404      403    403    200    403   404    401      404
        POST /v1/collab/drafts/{id}/pass-ring                 | 401       404      403    403    200    403   404    401      404
        POST /v1/collab/drafts/{id}/pass-ring/smart           | 401       404      403    403    200    403   404    401      404
        POST /v1/collab/drafts/{id}/reclaim                   | 401       404      403    403    403    200   404    401      404
        POST /v1/collab/drafts/{id}/ask                       | 401       404      403    200    400    200   404    401      404
        POST /v1/collab/drafts/{id}/nudge                     | 401       404      403    200    400    200   404    401      200
        POST /v1/collab/drafts/{id}/extend                    | 401       404      403    403    409    403   404    401      404
        POST /v1/collab/drafts/{id}/extend/refuse             | 401       404      403    409    409    409   404    401      404
        POST /v1/collab/drafts/{id}/collaborators             | 401       404      403    403    403    200   404    401      404
        DELETE /v1/collab/drafts/{id}/collaborators/{user_id} | 401       404      403    403    403    200   404    401      404
        POST /v1/collab/drafts/{id}/invites                   | 401       404      403    403    200    200   404    401      404
        GET /v1/collab/drafts/{id}/invites                    | 401       404      403    403    200    200   404    401      404
        POST /v1/collab/invites/{id}/accept                   | 401       404      404    404    404    404   404    401      404
        POST /v1/collab/invites/{id}/decline                  | 401       404      404    404    404    404   404    401      404
        POST /v1/collab/invites/{id}/revoke                   | 401       404      403    403    403    200   404    401      404
        GET /v1/collab/drafts/{id}/export                     | 401       404      200    200    200    200   404    401      404
        GET /v1/collab/drafts/{id}/analytics                  | 401       404      200    200    200    200   404    401      404
        GET /v1/collab/drafts/{id}/insights                   | 401       404      200    200    200    200   404    401      404
        GET /v1/collab/drafts/{id}/timeline                   | 401       404      200    200    200    200   404    401      404
        GET /v1/analytics/events                              | 401       403      403    403    403    403   403    401      200
        GET /v1/analytics/leaderboard                         | 401       200      200    200    200    200   200    401      200
        """);

    /// <summary>What is sent, where something has to be.</summary>
    private static readonly Dictionary<string, Func<World, Kind, object>> Bodies = new(StringComparer.Ordinal)
    {
        ["PUT /v1/me/away"] = (_, _) => new { until = (string?)null },
        ["PUT /v1/me/time-zone"] = (_, _) => new { time_zone = "Europe/Berlin" },
        ["POST /v1/collab/drafts"] = (_, _) => new { title = "One more" },
        ["PATCH /v1/collab/drafts/{id}"] = (_, _) => new { title = "My title" },
        ["POST /v1/collab/drafts/{id}/segments"] = (_, _) => new { content = "My words", idempotency_key = Given.NewKey() },
        ["POST /v1/collab/drafts/{id}/pass-ring"] = (world, _) => new { to_user_id = world.IdOf(Kind.Writer), idempotency_key = Given.NewKey() },
        ["POST /v1/collab/drafts/{id}/pass-ring/smart"] = (_, _) => new { strategy = "round_robin", idempotency_key = Given.NewKey() },
        ["POST /v1/collab/drafts/{id}/collaborators"] = (world, _) => new { user_id = world.IdOf(Kind.Stranger), role = "reader" },
        ["POST /v1/collab/drafts/{id}/invites"] = (_, _) => new { role = "reader" },
        ["POST /v1/collab/invites/{id}/accept"] = (_, _) => new { token = "not the token of this link, which is longer" },
    };

    [Fact]
    public async Task Everybody_gets_from_every_route_what_the_table_says()
    {
        var world = await World.MakeAsync(site);
        var (expected, actual) = (new List<string>(), new List<string>());

        foreach (var route in Routes())
        {
            var cells = new List<string>();
            foreach (var kind in Enum.GetValues<Kind>())
            {
                cells.Add(await TryAsync(world, kind, route));
            }
            actual.Add(Matrix.Line(route, cells));
            expected.Add(Matrix.Line(route, Enum.GetValues<Kind>().Select(kind => Expected.Cell(route, kind))));
        }

        Assert.Equal(string.Join('\n', expected), string.Join('\n', actual));
    }

    [Fact]
    public void Every_route_that_there_is_has_its_line_in_the_table() =>
        Assert.Equal(Routes().Order(StringComparer.Ordinal), Expected.Operations.Order(StringComparer.Ordinal));

    private static async Task<string> TryAsync(World world, Kind kind, string route)
    {
        var draft = await world.DraftForAsync(kind);
        var parts = route.Split(' ');
        var id = parts[1].Contains("/invites/{id}", StringComparison.Ordinal) ? (await world.InviteAsync(draft)).InviteId : draft;
        var removed = world.IdOf(kind == Kind.Reader ? Kind.Writer : Kind.Reader);
        var url = parts[1].Replace("{id}", $"{id}", StringComparison.Ordinal).Replace("{user_id}", removed, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(parts[0]), url);
        if (Bodies.TryGetValue(route, out var body))
        {
            request.Content = JsonContent.Create(body(world, kind));
        }
        using var client = world.ApiOf(kind);
        using var answer = await client.SendAsync(request);
        return ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
    }

    private IEnumerable<string> Routes() =>
        from endpoint in site.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        where endpoint.RoutePattern.RawText!.StartsWith("/v1", StringComparison.Ordinal)
        from method in endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        select $"{method} {endpoint.RoutePattern.RawText}";
}
