using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Invites;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Endpoints;

public sealed class InviteApiTests_InMemory(SiteInMemory site) : InviteApiTests(site), IClassFixture<SiteInMemory>;

[Trait("Database", "PostgreSQL")]
public sealed class InviteApiTests_Postgres(SiteOnPostgres site) : InviteApiTests(site), IClassFixture<SiteOnPostgres>;

/// <summary>Invites over HTTP, from making one to being in.</summary>
public abstract class InviteApiTests(Site site)
{
    [Fact]
    public async Task A_link_is_made_listed_and_accepted()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, dan) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Dan));
        var body = new { role = "writer", max_uses = 2, expires_in_hours = 5, idempotency_key = "k" };

        var made = (await ana.PostAsync(Invites(draft), body)).Succeed();
        var again = (await ana.PostAsync(Invites(draft), body)).Succeed();
        var invite = Assert.Single(await ListAsync(draft));

        var expected = new JsonObject
        {
            ["invite_id"] = invite.Id,
            ["draft_id"] = draft.Id,
            ["role"] = "writer",
            ["handle"] = null,
            ["state"] = "pending",
            ["created_by"] = draft.Ana,
            ["created_at"] = invite.CreatedAt,
            ["expires_at"] = invite.CreatedAt.AddHours(5),
            ["max_uses"] = 2,
            ["uses"] = 0,
        };
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected.ToJsonString()), made.Data), made.Text);
        Assert.True(JsonNode.DeepEquals(made.Data, again.Data), again.Text);
        Assert.Null(again.Json["token"]);
        Assert.True(JsonNode.DeepEquals(made.Data, (await ana.GetAsync(Invites(draft))).Data[0]));
        Assert.Equal([invite.Id], (await ana.GetAsync($"/v1/collab/drafts/{draft.Id}")).Data["pending_invites"]!.AsArray().Select(id => (Guid)id!));

        var token = (string)made.Json["token"]!;
        Assert.Equal("404 not_found", (await dan.PostAsync(Answer(invite.Id, "accept"), new { })).Outcome);
        var wrong = await dan.PostAsync(Answer(invite.Id, "accept"), new { token = "a-guess-1234567890" });
        Assert.Equal("404 not_found", wrong.Outcome);
        Assert.DoesNotContain("a-guess", wrong.Text, StringComparison.Ordinal);
        var accepted = (await dan.PostAsync(Answer(invite.Id, "accept"), new { token })).Succeed();
        Assert.Equal(draft.Id, (Guid)accepted.Data["draft_id"]!);
        Assert.DoesNotContain(token, accepted.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invite_by_handle_is_accepted_without_a_token_or_declined()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, dan, cleo) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Dan), await site.CallAsync(draft.Cleo));
        var body = new { role = "reader", handle = $"@{await site.Services.HandleOfAsync(draft.Dan)}" };

        var first = (await ana.PostAsync(Invites(draft), body)).Succeed();
        Assert.Null(first.Json["token"]);
        Assert.Equal("409 conflict", (await ana.PostAsync(Invites(draft), body)).Outcome);
        Assert.Equal("404 not_found", (await cleo.PostAsync(Answer(IdOf(first), "decline"))).Outcome);
        Assert.Equal("declined", (string?)(await dan.PostAsync(Answer(IdOf(first), "decline"))).Succeed().Data["state"]);
        Assert.Equal("409 conflict", (await dan.PostAsync(Answer(IdOf(first), "accept"), new { })).Outcome);

        var second = (await ana.PostAsync(Invites(draft), body)).Succeed();
        (await dan.PostAsync(Answer(IdOf(second), "accept"), new { })).Succeed();
    }

    [Fact]
    public async Task Revoking_is_for_the_owner_and_for_whoever_made_it()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben, dan) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben), await site.CallAsync(draft.Dan));
        var made = (await ana.PostAsync(Invites(draft), new { role = "writer" })).Succeed();

        Assert.Equal("404 not_found", (await dan.PostAsync(Answer(IdOf(made), "revoke"))).Outcome);
        Assert.Equal("403 forbidden", (await ben.PostAsync(Answer(IdOf(made), "revoke"))).Outcome);
        Assert.Equal("404 not_found", (await ana.PostAsync(Answer(Guid.CreateVersion7(), "revoke"))).Outcome);
        Assert.Equal("404 not_found", (await ana.PostAsync("/v1/collab/invites/no-guid/revoke")).Outcome);
        Assert.Equal("revoked", (string?)(await ana.PostAsync(Answer(IdOf(made), "revoke"))).Succeed().Data["state"]);
        Assert.Equal("409 conflict", (await dan.PostAsync(Answer(IdOf(made), "accept"), new { token = (string)made.Json["token"]! })).Outcome);
    }

    [Fact]
    public async Task Whoever_may_not_or_sends_what_is_none_hears_it_in_order()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var (ana, ben, dan) = (await site.CallAsync(draft.Ana), await site.CallAsync(draft.Ben), await site.CallAsync(draft.Dan));

        Assert.Equal("400 validation_error", (await dan.PostAsync(Invites(draft), new { role = "owner" })).Outcome);
        Assert.Equal("400 validation_error", (await dan.PostAsync(Invites(draft), new { role = "writer", expires_in_hours = 721 })).Outcome);
        Assert.Equal("404 not_found", (await dan.PostAsync(Invites(draft), new { role = "writer" })).Outcome);
        Assert.Equal("403 forbidden", (await ben.PostAsync(Invites(draft), new { role = "writer" })).Outcome);
        Assert.Equal("403 forbidden", (await ben.GetAsync(Invites(draft))).Outcome);
        Assert.Equal("404 not_found", (await dan.GetAsync(Invites(draft))).Outcome);
        Assert.Equal("404 not_found", (await ana.PostAsync(Invites(draft), new { role = "writer", handle = "nobody_at_all" })).Outcome);
    }

    [Fact]
    public async Task More_invites_than_an_hour_has_are_refused_for_a_while()
    {
        var draft = await site.Services.ADraftHeldByAnaAsync();
        var ana = await site.CallAsync(draft.Ana);
        for (var made = 0; made < InviteService.MostByPerson; made++)
        {
            (await ana.PostAsync(Invites(draft), new { role = "writer" })).Succeed();
        }

        var refused = await ana.PostAsync(Invites(draft), new { role = "writer" });

        Assert.Equal("429 rate_limited", refused.Outcome);
        Assert.Equal("3600", refused.Headers["Retry-After"]);
    }

    private static string Invites(ADraft draft) => $"/v1/collab/drafts/{draft.Id}/invites";

    private static string Answer(Guid inviteId, string verb) => $"/v1/collab/invites/{inviteId}/{verb}";

    private static Guid IdOf(Answer made) => (Guid)made.Data["invite_id"]!;

    private async Task<IReadOnlyList<InviteView>> ListAsync(ADraft draft) =>
        Given.Succeed(await site.Services.GetRequiredService<InviteService>().ListAsync(draft.Ana, draft.Id));
}
