using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using OneRing.Data.Accounts;
using OneRing.Data.Drafts;
using OneRing.Data.Invites;
using OneRing.Data.Notices;

namespace OneRing.Data.Mail;

/// <summary>Turns a row of the outbox into a letter, at the moment of sending. Tokens are made here, so that no row ever holds one.</summary>
internal sealed class MailWriter(IServiceScopeFactory scopes, NoticeLetters notices)
{
    public const string DraftParameter = "draft_id";
    public const string InviteParameter = "invite_id";
    public const string TurnParameter = "turn";

    /// <summary>The letter; null when nobody should receive it any more.</summary>
    public async Task<Letter?> WriteAsync(OutboxMail mail)
    {
        await using var scope = scopes.CreateAsyncScope();
        var users = scope.ServiceProvider.GetRequiredService<UserManager<User>>();
        if (await users.FindByIdAsync(mail.UserId) is not { DisabledAt: null } user || (mail.Address ?? ConfirmedAddress(user)) is not { } to)
        {
            return null;
        }

        return mail.Kind switch
        {
            MailKind.PasswordReset => MailTexts.PasswordReset(to, user.Display, user.Handle, AccountLinks.ChoosePassword(
                mail.BaseUrl, user.Handle, await users.GeneratePasswordResetTokenAsync(user))),
            MailKind.EmailConfirmation => MailTexts.EmailConfirmation(to, user.Display, user.Handle, AccountLinks.ConfirmEmail(
                mail.BaseUrl, to, await users.GenerateChangeEmailTokenAsync(user, to))),
            MailKind.EmailChanged => MailTexts.EmailChanged(to, user.Display, user.Handle, $"{mail.BaseUrl}/account/security"),
            MailKind.Invite => await WriteInviteAsync(mail, to, user, scope.ServiceProvider.GetRequiredService<InviteService>()),
            MailKind.Nudge => await WriteNudgeAsync(mail, to, user, scope.ServiceProvider.GetRequiredService<DraftService>()),
            MailKind.Notice => await notices.WriteAsync(mail, to, user),
            MailKind.Digest => await notices.WriteDigestAsync(mail, to, user),
            _ => throw new InvalidOperationException($"There are no words for a mail of the kind {mail.Kind}."),
        };
    }

    /// <summary>None if the invite was answered or taken back before the mail left, or they want none by mail.</summary>
    private async Task<Letter?> WriteInviteAsync(OutboxMail mail, string to, User user, InviteService invites)
    {
        var parameters = mail.ReadParameters();
        var (draftId, inviteId) = (Guid.Parse(parameters[DraftParameter]), Guid.Parse(parameters[InviteParameter]));
        return await invites.OpenAsync(user.Id, draftId, inviteId) is { Value: { Refusal: null, IsMember: false } invite }
            && await notices.IsWantedAsync(user.Id, draftId, NoticeKind.Invited)
            ? notices.WithWayOut(
                MailTexts.Notice(to, user.Display, new News(
                    NoticeKind.Invited, EnumNames.NameOf(invite.Role), invite.Title, invite.InvitedBy, IsTheirs: false, EndsAt: null, $"{mail.BaseUrl}/invites/{draftId}/{inviteId}")),
                mail,
                NoticeKind.Invited)
            : null;
    }

    /// <summary>None if the turn is over before the mail left, nobody can write any more, or they want none by mail.</summary>
    private async Task<Letter?> WriteNudgeAsync(OutboxMail mail, string to, User user, DraftService drafts)
    {
        var parameters = mail.ReadParameters();
        var draft = await drafts.FindAsync(Guid.Parse(parameters[DraftParameter]), user.Id);
        return draft is { IsOpen: true } && draft.HolderId == user.Id && draft.Turn == int.Parse(parameters[TurnParameter], CultureInfo.InvariantCulture)
            && await notices.IsWantedAsync(user.Id, draft.Id, NoticeKind.Nudged)
            ? notices.WithWayOut(
                MailTexts.Notice(to, user.Display, new News(NoticeKind.Nudged, Detail: "", draft.Title, Actor: null, IsTheirs: true, EndsAt: null, $"{mail.BaseUrl}/drafts/{draft.Id}")),
                mail,
                NoticeKind.Nudged)
            : null;
    }

    private static string? ConfirmedAddress(User user) => user.EmailConfirmed ? user.Email : null;
}

/// <summary>Links that carry a token, and how the pages behind them read it.</summary>
public static class AccountLinks
{
    public static string ChoosePassword(string baseUrl, string handle, string token) => QueryHelpers.AddQueryString(
        $"{baseUrl}/account/choose-password",
        new Dictionary<string, string?> { ["handle"] = handle, ["token"] = Encode(token) });

    public static string ConfirmEmail(string baseUrl, string address, string token) => QueryHelpers.AddQueryString(
        $"{baseUrl}/account/confirm-email",
        new Dictionary<string, string?> { ["address"] = address, ["token"] = Encode(token) });

    /// <summary>The token of a link; null when it is none.</summary>
    public static string? ReadToken(string? encoded)
    {
        try
        {
            return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(encoded ?? ""));
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static string Encode(string token) => WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(token));
}
