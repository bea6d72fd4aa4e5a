using System.Diagnostics;
using System.Text.Json;
using P2PCopy.Tests.Unit.Tool;
using P2PCopy.Tool;

namespace P2PCopy.Tests.Deployment;

/// <summary>
/// The files in <c>deploy/</c> that nothing here can start: they are read as what they are, fit together, and start the
/// tool with options it has.
/// </summary>
public class DeployFileTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Kubernetes_deployment_service_budget_and_ingress_name_each_other()
    {
        JsonElement[] documents = await YamlAsync("kubernetes/relay.yaml");
        JsonElement Of(string kind) => Assert.Single(documents, d => d.GetProperty("kind").GetString() == kind);
        JsonElement deployment = Of("Deployment").GetProperty("spec");
        JsonElement pod = deployment.GetProperty("template");
        JsonElement container = Assert.Single(pod.GetProperty("spec").GetProperty("containers").EnumerateArray());

        string labels = pod.GetProperty("metadata").GetProperty("labels").GetRawText();
        Assert.Equal(labels, deployment.GetProperty("selector").GetProperty("matchLabels").GetRawText());
        Assert.Equal(labels, Of("Service").GetProperty("spec").GetProperty("selector").GetRawText());
        Assert.Equal(labels, Of("PodDisruptionBudget").GetProperty("spec").GetProperty("selector").GetProperty("matchLabels").GetRawText());

        Dictionary<string, int> ports = container.GetProperty("ports").EnumerateArray().ToDictionary(p => p.GetProperty("name").GetString()!, p => p.GetProperty("containerPort").GetInt32());
        string[] arguments = Strings(container.GetProperty("args"));
        AssertParses(arguments);
        Assert.Contains($"*:{ports["ws"]}", arguments);
        Assert.Contains($"*:{ports["metrics"]}", arguments);
        foreach ((string probe, string path) in (ReadOnlySpan<(string, string)>)[("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")])
        {
            JsonElement get = container.GetProperty(probe).GetProperty("httpGet");
            Assert.Equal((path, "ws"), (get.GetProperty("path").GetString(), get.GetProperty("port").GetString()));
        }

        JsonElement served = Assert.Single(Of("Service").GetProperty("spec").GetProperty("ports").EnumerateArray());
        Assert.Equal("ws", served.GetProperty("targetPort").GetString());
        JsonElement backend = Of("Ingress").GetProperty("spec").GetProperty("rules")[0].GetProperty("http").GetProperty("paths")[0].GetProperty("backend").GetProperty("service");
        Assert.Equal(Of("Service").GetProperty("metadata").GetProperty("name").GetString(), backend.GetProperty("name").GetString());
        Assert.Equal(served.GetProperty("name").GetString(), backend.GetProperty("port").GetProperty("name").GetString());
        Assert.Equal("haproxy", Of("Ingress").GetProperty("spec").GetProperty("ingressClassName").GetString());
        // The same rules as in the file that is tested with HAProxy itself.
        JsonElement rules = Of("Service").GetProperty("metadata").GetProperty("annotations");
        string tested = Daemon.DeployFile("haproxy/haproxy.cfg");
        Assert.Contains("balance " + rules.GetProperty("haproxy.org/load-balance").GetString(), tested, StringComparison.Ordinal);
        Assert.Equal("GET /readyz", rules.GetProperty("haproxy.org/check-http").GetString());
        Assert.Contains("uri /readyz", tested, StringComparison.Ordinal);
        Assert.All(rules.GetProperty("haproxy.org/backend-config-snippet").GetString()!.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(line, tested, StringComparison.Ordinal));
        // Longer than the drain of 30 s, so that no relay is killed in it.
        Assert.InRange(pod.GetProperty("spec").GetProperty("terminationGracePeriodSeconds").GetInt32(), 33, 300);
    }

    [Fact]
    public async Task The_chart_with_its_default_values_is_the_Kubernetes_file()
    {
        const string Chart = "helm/p2pcopy-relay/";
        JsonElement values = Assert.Single(await YamlAsync(Chart + "values.yaml"));
        string template = Daemon.DeployFile(Chart + "templates/relay.yaml");
        string rendered = template.Replace("{{ .Release.Name }}", "p2pcopy-relay", StringComparison.Ordinal);
        foreach (JsonProperty value in values.EnumerateObject())
        {
            string place = $"{{{{ .Values.{value.Name} }}}}";
            Assert.Contains(place, rendered, StringComparison.Ordinal);
            rendered = rendered.Replace(place, value.Value.ToString(), StringComparison.Ordinal);
        }

        Assert.DoesNotContain("{{", rendered, StringComparison.Ordinal);
        string[] expected = [.. (await YamlAsync("kubernetes/relay.yaml")).Select(d => d.GetRawText())];
        Assert.Equal(expected, (await YamlTextAsync(rendered)).Select(d => d.GetRawText()));

        JsonElement schema = JsonDocument.Parse(Daemon.DeployFile(Chart + "values.schema.json")).RootElement;
        JsonElement known = schema.GetProperty("properties");
        Assert.Equal(values.EnumerateObject().Select(v => v.Name), known.EnumerateObject().Select(p => p.Name));
        Assert.All(values.EnumerateObject(), v => Assert.Equal(
            v.Value.ValueKind == JsonValueKind.Number ? "integer" : "string", known.GetProperty(v.Name).GetProperty("type").GetString()));
    }

    [Fact]
    public async Task Compose_starts_three_relays_by_the_container_file_behind_a_balancer_that_knows_their_names()
    {
        JsonElement compose = Assert.Single(await YamlAsync("container/compose.yaml"));
        string balancer = Daemon.DeployFile("container/haproxy.cfg");
        JsonElement services = compose.GetProperty("services");
        string subnet = compose.GetProperty("networks").GetProperty("relays").GetProperty("ipam").GetProperty("config")[0].GetProperty("subnet").GetString()!;
        for (int i = 1; i <= 3; i++)
        {
            JsonElement relay = services.GetProperty($"relay{i}");
            string[] arguments = Strings(relay.GetProperty("command"));
            AssertParses(arguments);
            Assert.Contains("*:8765", arguments);
            Assert.Contains(subnet, arguments);
            Assert.Contains($"server relay{i} relay{i}:8765", balancer);
            Daemon.DeployFile(relay.GetProperty("build").GetProperty("dockerfile").GetString()!["deploy/".Length..]);
        }

        string containerFile = Daemon.DeployFile("container/Containerfile");
        string command = Assert.Single(containerFile.Split('\n'), l => l.StartsWith("CMD ", StringComparison.Ordinal));
        AssertParses(JsonSerializer.Deserialize<string[]>(command[4..])!);
        Assert.Contains("STOPSIGNAL SIGTERM", containerFile);
        Dictionary<string, string> images = containerFile.Split('\n').Where(l => l.StartsWith("ARG ", StringComparison.Ordinal)).Select(l => l[4..].Split('=')).ToDictionary(l => l[0], l => l[1]);
        foreach (string from in containerFile.Split('\n').Where(l => l.StartsWith("FROM ", StringComparison.Ordinal)))
            Assert.Matches("@sha256:[0-9a-f]{64}$", images[from.Split(' ')[1].Trim('$', '{', '}')]);
        Assert.Matches("@sha256:[0-9a-f]{64}$", services.GetProperty("haproxy").GetProperty("image").GetString());

        // But for the names of the relays it is the file that is tested with the real program.
        Assert.Equal(
            Settings(Daemon.DeployFile("haproxy/haproxy.cfg")).Where(l => !l.StartsWith("server ", StringComparison.Ordinal)),
            Settings(balancer).Where(l => !l.StartsWith("server ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("haproxy/haproxy.cfg")]
    [InlineData("haproxy/passthrough.cfg")]
    [InlineData("container/haproxy.cfg")]
    public async Task HAProxy_finds_nothing_wrong_with_its_files(string name)
    {
        string haproxy = Daemon.Find("haproxy");
        using var certificates = new Testing.TestCertificates();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("p2pcopy-haproxy-");
        try
        {
            string pem = Path.Combine(folder.FullName, "p2pcopy.pem");
            await File.WriteAllTextAsync(pem, await File.ReadAllTextAsync(certificates.CertificateFile, Cancel) + "\n" + await File.ReadAllTextAsync(certificates.KeyFile, Cancel), Cancel);
            string file = Path.Combine(folder.FullName, "haproxy.cfg");
            string config = Daemon.DeployFile(name).Replace("/etc/haproxy/p2pcopy.pem", pem, StringComparison.Ordinal).Replace("maxconn 40000", "maxconn 2000", StringComparison.Ordinal);
            // Names that only the composed network has.
            for (int i = 1; i <= 3; i++)
                config = config.Replace($" relay{i}:8765", " 127.0.0.1:8765", StringComparison.Ordinal);
            await File.WriteAllTextAsync(file, config, Cancel);
            (int status, string printed) = await RunAsync(haproxy, "-c", "-f", file);
            Assert.True(status == 0 && !printed.Contains("[WARNING]", StringComparison.Ordinal), printed);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IEnumerable<string> Settings(string config)
        => config.Split('\n').Select(l => l.Trim()).Where(l => l.Length > 0 && l[0] != '#');

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(e => e.GetString()!)];

    private static void AssertParses(string[] arguments)
    {
        var host = ToolRun.SilentHost();
        Assert.Empty(CommandLine.Create(host).Parse(arguments).Errors);
    }

    /// <summary>The documents of a YAML file, read by Python's parser.</summary>
    private static Task<JsonElement[]> YamlAsync(string name) => YamlTextAsync(Daemon.DeployFile(name));

    private static async Task<JsonElement[]> YamlTextAsync(string text)
    {
        string python = Daemon.Find("python3");
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text, Cancel);
            (int status, string printed) = await RunAsync(python, "-c", "import json, sys, yaml; print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1])))))", file);
            Assert.SkipWhen(printed.Contains("No module named 'yaml'", StringComparison.Ordinal), "python3 has no yaml; install python3-yaml to run this test.");
            Assert.True(status == 0, printed);
            return JsonSerializer.Deserialize<JsonElement[]>(printed)!;
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<(int Status, string Printed)> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync(Cancel);
        string output = await process.StandardOutput.ReadToEndAsync(Cancel);
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, output + await error);
    }
}
