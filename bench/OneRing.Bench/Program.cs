using OneRing.Bench;

if (Arguments.Read(args) is not { } arguments)
{
    await Console.Error.WriteLineAsync(Arguments.Usage);
    return 2;
}

var report = new Report();
if (arguments.Command == "http")
{
    await HttpBench.RunAsync(arguments, report);
}
else
{
    await CommandsBench.RunAsync(arguments, report);
    await InMemoryBench.RunAsync(arguments, report);
}
if (arguments.JsonFile is { } file)
{
    await report.WriteJsonAsync(file);
}
return report.MissedGoals == 0 ? 0 : 1;
