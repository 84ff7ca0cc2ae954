using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;

namespace OneRing.Data.Database;

/// <summary>
/// A connection to the database in memory on which is only read, one after the other. It stays open and keeps the statements that it has run: SQLite takes longer to understand one than to run it.
/// </summary>
internal sealed class InMemoryReader : IDisposable
{
    /// <summary>Most queries always have the same text. Those that are put together from what somebody looks for shall not pile up.</summary>
    private const int MostStatements = 100;

    private readonly OneRingDbContext owner;
    private readonly SqliteConnection connection;
    private readonly Dictionary<string, SqliteCommand> statements = new(StringComparer.Ordinal);
    private readonly Stack<(DbDataReader Answer, SqliteCommand Statement)> answers = [];

    /// <summary>Opens a connection that knows the functions which EF adds to those of SQLite.</summary>
    /// <param name="like">A context of the same database.</param>
    public InMemoryReader(OneRingDbContext like)
    {
        owner = new OneRingDbContext((DbContextOptions<OneRingDbContext>)like.GetService<IDbContextOptions>());
        connection = (SqliteConnection)owner.Database.GetDbConnection();
        try
        {
            connection.Open();
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>Runs what EF is about to run on a connection of its own.</summary>
    public DbDataReader Run(DbCommand asked)
    {
        if (!statements.TryGetValue(asked.CommandText, out var statement))
        {
            if (statements.Count == MostStatements)
            {
                ForgetStatements();
            }
            statement = connection.CreateCommand();
            statement.CommandText = asked.CommandText;
            statements.Add(asked.CommandText, statement);
        }

        statement.Parameters.Clear();
        statement.Parameters.AddRange(asked.Parameters.Cast<SqliteParameter>());
        var answer = statement.ExecuteReader();
        answers.Push((answer, statement));
        return answer;
    }

    /// <summary>Ends what was not read to its end, so that the next who reads finds every statement ready, and keeps nothing of what was asked for.</summary>
    public void EndAnswers()
    {
        while (answers.TryPop(out var ran))
        {
            ran.Answer.Dispose();
            ran.Statement.Parameters.Clear();
        }
    }

    public void Dispose()
    {
        EndAnswers();
        ForgetStatements();
        owner.Dispose();
    }

    private void ForgetStatements()
    {
        EndAnswers();
        foreach (var statement in statements.Values)
        {
            statement.Dispose();
        }
        statements.Clear();
    }
}
