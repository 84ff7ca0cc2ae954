namespace OneRing.Web.Tests.Authorisation;

/// <summary>What somebody is to a draft, or to this server. There is no other: a new role needs a column in every table of this folder.</summary>
public enum Kind
{
    Anonymous,
    Stranger,
    Reader,
    Writer,
    Holder,
    Owner,
    Former,
    Disabled,
    Admin,
}
