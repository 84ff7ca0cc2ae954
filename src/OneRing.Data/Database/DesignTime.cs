using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace OneRing.Data.Database;

/// <summary>For <c>dotnet ef migrations add</c>: the model as PostgreSQL has it. No server is asked.</summary>
internal sealed class DesignTime : IDesignTimeDbContextFactory<OneRingDbContext>
{
    public OneRingDbContext CreateDbContext(string[] args)
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection([new("ConnectionStrings:OneRing", "Host=localhost;Database=design_time")])
            .Build();
        return new ServiceCollection()
            .AddLogging()
            .AddOneRingData(configuration)
            .BuildServiceProvider()
            .GetRequiredService<IDbContextFactory<OneRingDbContext>>()
            .CreateDbContext();
    }
}
