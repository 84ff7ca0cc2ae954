using System.Net;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;
using OneRing.Data.Drafts;
using OneRing.Data.Rings;
using OneRing.Tests.Databases;
using OneRing.Web.Tests.Servers;

namespace OneRing.Web.Tests.Mail;

/// <summary>What people are told leaves through a mail server that nobody here wrote, and whoever reads it can end it.</summary>
public sealed class MailServerTests
{
    private const string Password = "a lamp that would not sleep";

    [SkippableFact]
    public Task In_memory_a_turn_is_told_by_mail_until_one_click_ends_it() => AssertToldUntilEndedAsync(connectionString: null);

    [SkippableFact]
    [Trait("Database", "PostgreSQL")]
    public async Task On_PostgreSQL_a_turn_is_told_by_mail_until_one_click_ends_it()
    {
        var postgres = await PostgresServer.GetAsync();
        var database = await postgres.CreateDatabaseAsync();
        try
        {
            await AssertToldUntilEndedAsync(database);
        }
        finally
        {
            await postgres.DropAsync(database);
        }
    }

    private static async Task AssertToldUntilEndedAsync(string? connectionString)
    {
        await using var post = await MailServer.StartAsync();
        await using var server = new OneRingServer(connectionString, settings: post.Settings);
        var draft = await server.Services.ADraftHeldByAnaAsync(title: "The lamp");
        var eve = await server.Services.APersonAsync("Eve", password: Password);
        await server.Services.AddAsync(draft.Id, draft.Ana, eve, Role.Writer);
        await ConfirmAsync(server, post, await server.Services.HandleOfAsync(eve));

        await server.Services.PassAsync(draft.Id, draft.Ana, eve);
        var letter = await post.FindAsync("eve@example.test", "Your turn in “The lamp”");
        Assert.Equal(("ring@onering.test", "onering.test"), (letter.From.Mailboxes.Single().Address, letter.MessageId!.Split('@')[1]));
        Assert.Contains($"http://localhost:5080/drafts/{draft.Id}", letter.TextBody, StringComparison.Ordinal);
        Assert.Equal("List-Unsubscribe=One-Click", letter.Headers["List-Unsubscribe-Post"]);
        var link = new Uri(letter.Headers[HeaderId.ListUnsubscribe]!.Trim('<', '>'));
        Assert.Contains(link.AbsoluteUri, letter.TextBody, StringComparison.Ordinal);

        // What a mail program sends, which knows nothing of who is signed in.
        using var click = new FormUrlEncodedContent([KeyValuePair.Create("List-Unsubscribe", "One-Click")]);
        using var answer = await server.Visit().Client.PostAsync(link.PathAndQuery, click);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        await server.Services.PassAsync(draft.Id, eve, draft.Ana);
        await server.Services.PassAsync(draft.Id, draft.Ana, eve);
        // Of another kind, and later than the turn: when it is here, the mailer has passed by both.
        Given.Succeed(await server.Services.GetRequiredService<TurnService>().AskAsync(new AskForRing(draft.Ana, draft.Id)));
        await post.FindAsync("eve@example.test", "Ana asks for the ring of “The lamp”");
        Assert.Equal(1, post.Letters.Count(mail => mail.Subject == letter.Subject));
    }

    private static async Task ConfirmAsync(OneRingServer server, MailServer post, string handle)
    {
        var visitor = server.Visit();
        await visitor.SignInAsync(handle, Password);
        await visitor.PressAsync(await visitor.OpenAsync("/account/security"), "Send the link", ("Your address", "eve@example.test"), ("Your password, to change the address", Password));
        var question = await post.FindAsync("eve@example.test", "Is this your address?");
        var confirmed = await visitor.PressAsync(await visitor.OpenAsync(new Uri(question.TextBody!.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal)).Trim()).PathAndQuery), "This is my address");
        Assert.Equal("/account/security?done=email", confirmed.RedirectsTo);
    }
}
