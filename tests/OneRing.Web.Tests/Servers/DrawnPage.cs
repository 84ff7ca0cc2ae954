using System.Buffers.Binary;
using System.Text.RegularExpressions;

namespace OneRing.Web.Tests.Servers;

/// <summary>What a server has told a browser to draw: the elements of each component, with the numbers of their event handlers. As much of it as is needed to press something.</summary>
internal sealed partial class DrawnPage
{
    private readonly Lock @lock = new();
    private readonly Dictionary<int, Node> components = [];
    private readonly HashSet<ulong> handlers = [];

    /// <summary>The numbers of all handlers that the page was ever given.</summary>
    public IReadOnlyCollection<ulong> Handlers
    {
        get
        {
            lock (@lock)
            {
                return [.. handlers];
            }
        }
    }

    /// <summary>The number of the handler of a click on what is called so now; null if there is no such thing.</summary>
    public ulong? ClickOn(string name)
    {
        lock (@lock)
        {
            return components.Values.SelectMany(component => component.All()).FirstOrDefault(node => node.Events.ContainsKey("onclick") && node.Name == name)?.Events["onclick"];
        }
    }

    /// <summary>What a handler is of, for whoever reads why a test failed.</summary>
    public string Describe(ulong handler)
    {
        lock (@lock)
        {
            var node = components.Values.SelectMany(component => component.All()).FirstOrDefault(node => node.Events.ContainsValue(handler));
            return node is null ? "nothing on the page" : $"{node.Events.First(e => e.Value == handler).Key} of “{node.Name}”";
        }
    }

    /// <summary>
    /// Draws a batch of changes. It ends with five numbers that say where its parts begin: changed components, frames, components and handlers that are gone, and texts.
    /// </summary>
    public void Draw(byte[] batch)
    {
        lock (@lock)
        {
            var (changes, frames) = (At(batch, batch.Length - 20), new Frames(batch));
            for (var i = 0; i < At(batch, changes); i++)
            {
                var change = At(batch, changes + 4 + (i * 4));
                Change(components.TryGetValue(At(batch, change), out var component) ? component : components[At(batch, change)] = new Node(), frames, change + 4);
            }
        }
    }

    private void Change(Node component, Frames frames, int at)
    {
        var path = new Stack<Node>([component]);
        var moves = new List<(int From, int To)>();
        for (var i = 0; i < At(frames.Batch, at); i++)
        {
            var edit = at + 4 + (i * 16);
            var (sibling, frame) = (At(frames.Batch, edit + 4), At(frames.Batch, edit + 8));
            var here = path.Peek().Children;
            switch (At(frames.Batch, edit))
            {
                case 1:
                    here.InsertRange(sibling, frames.NodesIn(frame, frame + 1, handlers).Nodes);
                    break;
                case 2:
                    here.RemoveAt(sibling);
                    break;
                case 3:
                    frames.SetAttribute(here[sibling], frame, handlers);
                    break;
                case 4 when frames.Text(edit + 12) is { } name:
                    here[sibling].Events.Remove(name);
                    break;
                case 5 or 8:
                    here[sibling].Text = frames.Text(frames.Start(frame) + 4) ?? "";
                    break;
                case 6:
                    path.Push(here[sibling]);
                    break;
                case 7:
                    path.Pop();
                    break;
                case 9:
                    moves.Add((sibling, frame));
                    break;
                case 10:
                    var before = here.ToList();
                    moves.ForEach(move => here[move.To] = before[move.From]);
                    moves.Clear();
                    break;
            }
        }
    }

    private static int At(byte[] batch, int offset) => BinaryPrimitives.ReadInt32LittleEndian(batch.AsSpan(offset));

    [GeneratedRegex("<[^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Tag();

    private sealed class Node
    {
        public Dictionary<string, ulong> Events { get; } = new(StringComparer.Ordinal);

        public List<Node> Children { get; } = [];

        public string? Label { get; set; }

        public string Text { get; set; } = "";

        public string Name => (Label ?? string.Concat(All().Select(node => Tag().Replace(node.Text, "")))).Trim();

        public IEnumerable<Node> All() => Children.SelectMany(child => child.All()).Prepend(this);
    }

    /// <summary>The frames of a batch, of 20 bytes each.</summary>
    private sealed class Frames(byte[] batch)
    {
        private readonly int start = At(batch, batch.Length - 16);
        private readonly int texts = At(batch, batch.Length - 4);

        public byte[] Batch => batch;

        public int Start(int frame) => start + 4 + (frame * 20);

        public string? Text(int offset)
        {
            if (At(batch, offset) is var index && index < 0)
            {
                return null;
            }
            var text = At(batch, texts + (index * 4));
            using var reader = new BinaryReader(new MemoryStream(batch, text, batch.Length - text));
            return reader.ReadString();
        }

        public void SetAttribute(Node node, int frame, HashSet<ulong> handlers)
        {
            var name = Text(Start(frame) + 4)!;
            var handler = BinaryPrimitives.ReadUInt64LittleEndian(batch.AsSpan(Start(frame) + 12));
            if (handler != 0)
            {
                node.Events[name] = handler;
                handlers.Add(handler);
            }
            else if (name == "aria-label")
            {
                node.Label = Text(Start(frame) + 8);
            }
        }

        /// <summary>What the frames from one to before another are drawn as. A region has no element of its own; attributes belong to the one they stand in.</summary>
        public (List<Node> Nodes, int Next) NodesIn(int from, int to, HashSet<ulong> handlers, Node? parent = null)
        {
            var nodes = new List<Node>();
            var frame = from;
            while (frame < to)
            {
                var length = 1;
                switch (At(batch, Start(frame)))
                {
                    case 1:
                        length = At(batch, Start(frame) + 4);
                        var element = new Node();
                        element.Children.AddRange(NodesIn(frame + 1, frame + length, handlers, element).Nodes);
                        nodes.Add(element);
                        break;
                    case 2 or 8:
                        nodes.Add(new Node { Text = Text(Start(frame) + 4) ?? "" });
                        break;
                    case 3 when parent is not null:
                        SetAttribute(parent, frame, handlers);
                        break;
                    case 4:
                        length = At(batch, Start(frame) + 4);
                        nodes.Add(new Node());
                        break;
                    case 5:
                        length = At(batch, Start(frame) + 4);
                        nodes.AddRange(NodesIn(frame + 1, frame + length, handlers).Nodes);
                        break;
                }
                frame += length;
            }
            return (nodes, frame);
        }
    }
}
