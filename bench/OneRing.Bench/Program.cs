using OneRing.Bench;

if (Arguments.Read(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

var report = new Report();
switch (arguments.Command)
{
    case "memory":
        await InMemoryBench.RunAsync(arguments, report);
        break;
    case "circuits":
        await CircuitsBench.RunAsync(arguments, report);
        break;
    case "http":
        await HttpBench.RunAsync(arguments, report);
        break;
    case "generate":
        await AnalyticsBench.GenerateAsync(arguments);
        break;
    case "analytics":
        await AnalyticsBench.RunAsync(arguments, report);
        break;
    case "chaos":
        await ChaosBench.RunAsync(arguments, report);
        break;
    case "rollout":
        await RolloutBench.RunAsync(arguments, report);
        break;
    case "fuzz":
        await FuzzBench.RunAsync(arguments, report);
        break;
    case "feed":
        await FeedBench.RunAsync(arguments, report);
        break;
    default:
        await CommandsBench.RunAsync(arguments, report);
        await InMemoryBench.RunAsync(arguments, report);
        break;
}
if (arguments.JsonFile is { } file)
{
    await report.WriteJsonAsync(file);
}
if (arguments.Document is { } document)
{
    await report.WriteDocumentAsync(document, args);
}
return report.MissedGoals == 0 ? 0 : 1;
