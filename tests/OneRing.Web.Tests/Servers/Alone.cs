namespace OneRing.Web.Tests.Servers;

/// <summary>Tests in which the clock matters. They run one after the other, after all others, so that the machine is theirs.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "Alone";
}
