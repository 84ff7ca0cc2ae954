using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Npgsql;
using OneRing.Tests.Databases;

namespace OneRing.Data.Tests.Databases;

/// <summary>Where a flight ends when packets arrive late: seen with a client and a server that decide themselves when to speak.</summary>
public sealed class PostgresProxyFlightTests : IAsyncLifetime
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly TcpClient connection = new() { NoDelay = true };
    private PostgresProxy proxy = null!;
    private Peer client = null!;
    private Peer server = null!;

    public async Task InitializeAsync()
    {
        listener.Start();
        proxy = PostgresProxy.Start($"Host=127.0.0.1;Port={((IPEndPoint)listener.LocalEndpoint).Port};Username=ana");
        var behind = new NpgsqlConnectionStringBuilder(proxy.ConnectionString);
        await connection.ConnectAsync(behind.Host!, behind.Port);
        client = new Peer(connection.GetStream());
        await client.SendAsync(kind: null, [0, 3, 0, 0, .. "user\0ana\0\0"u8]);

        server = new Peer((await listener.AcceptTcpClientAsync()).GetStream());
        await server.ReadStartupAsync();
        await server.AnswerAsync();
        await client.ReadAnswerAsync();
    }

    public async Task DisposeAsync()
    {
        await proxy.DisposeAsync();
        connection.Dispose();
        listener.Stop();
    }

    [Fact]
    public async Task What_follows_begin_late_belongs_to_it()
    {
        await client.QueryAsync("BEGIN");
        await Task.Delay(50); // there is nothing to wait for: the point is that nothing happens
        Assert.Equal(0, proxy.Count);
        await client.QueryAsync("select 1");

        Assert.Equal("BEGIN", await server.ReadQueryAsync());
        Assert.Equal("select 1", await server.ReadQueryAsync());
        await server.AnswerAsync();
        await server.AnswerAsync();
        await client.ReadAnswerAsync();
        await client.ReadAnswerAsync();
        Assert.Equal(["BEGIN", "select 1"], Assert.Single(proxy.Flights).Statements);
    }

    [Fact]
    public async Task A_client_that_waits_behind_begin_is_answered_all_the_same()
    {
        await client.QueryAsync("BEGIN");
        Assert.Equal("BEGIN", await server.ReadQueryAsync());
        await server.AnswerAsync();
        await client.ReadAnswerAsync();

        await client.QueryAsync("select 1");
        Assert.Equal("select 1", await server.ReadQueryAsync());

        Assert.Equal(2, proxy.Count);
    }

    [Fact]
    public async Task What_is_sent_before_the_answer_is_there_belongs_to_the_flight()
    {
        await client.QueryAsync("select 1");
        Assert.Equal("select 1", await server.ReadQueryAsync());
        await client.QueryAsync("select 2");
        Assert.Equal("select 2", await server.ReadQueryAsync());
        Assert.Equal(["select 1", "select 2"], Assert.Single(proxy.Flights).Statements);

        await server.AnswerAsync();
        await server.AnswerAsync();
        await client.ReadAnswerAsync();
        await client.ReadAnswerAsync();
        await client.QueryAsync("select 3");
        Assert.Equal("select 3", await server.ReadQueryAsync());
        Assert.Equal(2, proxy.Count);
    }

    [Fact]
    public async Task Of_a_flight_cut_off_before_the_server_not_even_begin_arrives()
    {
        var cut = proxy.FailAt(1, FailWhen.BeforeServer);

        await client.QueryAsync("BEGIN");
        await client.QueryAsync("select 1");

        Assert.Equal(["BEGIN", "select 1"], (await cut).Statements);
        await Assert.ThrowsAnyAsync<IOException>(() => server.ReadQueryAsync());
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadAnswerAsync());
    }

    [Fact]
    public async Task Of_a_flight_cut_off_behind_the_server_not_even_the_first_answer_arrives()
    {
        var cut = proxy.FailAt(1, FailWhen.AfterServer);
        await client.QueryAsync("BEGIN");
        await client.QueryAsync("select 1");
        await server.ReadQueryAsync();
        await server.ReadQueryAsync();

        await server.AnswerAsync();
        Assert.False(cut.IsCompleted);
        await server.AnswerAsync();

        await cut;
        await Assert.ThrowsAnyAsync<IOException>(() => client.ReadAnswerAsync());
    }

    [Fact]
    public async Task A_server_that_goes_away_before_it_answers_ends_the_wait_for_a_cut()
    {
        var cut = proxy.FailAt(1, FailWhen.AfterServer);
        await client.QueryAsync("select 1");
        await server.ReadQueryAsync();

        server.Close();

        await Assert.ThrowsAsync<EndOfStreamException>(() => cut);
    }

    /// <summary>One end of a connection, speaking just enough of the protocol.</summary>
    private sealed class Peer(NetworkStream stream)
    {
        public Task QueryAsync(string sql) => SendAsync('Q', [.. Encoding.UTF8.GetBytes(sql), 0]);

        /// <summary>Ready for a query.</summary>
        public Task AnswerAsync() => SendAsync('Z', [(byte)'I']);

        public async Task SendAsync(char? kind, byte[] body)
        {
            var length = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, body.Length + 4);
            byte[] message = kind is { } letter ? [(byte)letter, .. length, .. body] : [.. length, .. body];
            await stream.WriteAsync(message);
        }

        public async Task ReadAnswerAsync() => Assert.Equal('Z', (await ReadAsync()).Kind);

        public async Task<string> ReadQueryAsync()
        {
            var (kind, body) = await ReadAsync();
            Assert.Equal('Q', kind);
            return Encoding.UTF8.GetString(body.AsSpan(..^1));
        }

        public async Task ReadStartupAsync() => await ReadBodyAsync();

        public void Close() => stream.Dispose();

        private async Task<(char Kind, byte[] Body)> ReadAsync()
        {
            var kind = new byte[1];
            await stream.ReadExactlyAsync(kind);
            return ((char)kind[0], await ReadBodyAsync());
        }

        private async Task<byte[]> ReadBodyAsync()
        {
            var length = new byte[4];
            await stream.ReadExactlyAsync(length);
            var body = new byte[BinaryPrimitives.ReadInt32BigEndian(length) - 4];
            await stream.ReadExactlyAsync(body);
            return body;
        }
    }
}
