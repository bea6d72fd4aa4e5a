using P2PCopy.Tests.Testing;

namespace P2PCopy.Tests.Deployment;

/// <summary>nginx or HAProxy with the file in <c>deploy/</c>, in which only ports and paths are another's.</summary>
internal static class Balancer
{
    /// <summary>Starts it in front of three relays, with TLS for <c>localhost</c>.</summary>
    public static Task<Daemon> StartAsync(string program, int port, TestCertificates certificates, params Uri[] relays)
        => StartAsync(program, port, certificates, static config => config, relays);

    /// <summary>Starts it with a change to its file.</summary>
    public static Task<Daemon> StartAsync(string program, int port, TestCertificates certificates, Func<string, string> change, params Uri[] relays)
    {
        string certificate = File.ReadAllText(certificates.CertificateFile);
        string key = File.ReadAllText(certificates.KeyFile);
        bool nginx = program.EndsWith("nginx", StringComparison.Ordinal);
        string config = change(Daemon.DeployFile(nginx ? "nginx/p2pcopy.conf" : "haproxy/haproxy.cfg"));
        for (int i = 0; i < 3; i++)
            config = config.Replace($"127.0.0.1:876{5 + i}", relays[i].Authority, StringComparison.Ordinal);
        if (!nginx)
        {
            config = config.Replace("bind :443", $"bind 127.0.0.1:{port}", StringComparison.Ordinal)
                .Replace("maxconn 40000", "maxconn 2000", StringComparison.Ordinal)
                .Replace("/etc/haproxy/p2pcopy.pem", "@FOLDER@/p2pcopy.pem", StringComparison.Ordinal);
            return Daemon.StartAsync(program, port, [("haproxy.cfg", config), ("p2pcopy.pem", $"{certificate}\n{key}\n")], "-db", "-f", "@FOLDER@/haproxy.cfg");
        }

        config = config.Replace("listen 443", $"listen 127.0.0.1:{port}", StringComparison.Ordinal)
            .Replace("/etc/ssl/p2pcopy", "@FOLDER@", StringComparison.Ordinal);
        const string Main = """
            daemon off;
            master_process off;
            pid @FOLDER@/nginx.pid;
            error_log stderr;
            events { worker_connections 4096; }
            http {
                access_log off;
                client_body_temp_path @FOLDER@/body;
                proxy_temp_path @FOLDER@/proxy;
                fastcgi_temp_path @FOLDER@/fastcgi;
                include @FOLDER@/p2pcopy.conf;
            }
            """;
        return Daemon.StartAsync(
            program,
            port,
            [("nginx.conf", Main), ("p2pcopy.conf", config), ("certificate.pem", certificate), ("key.pem", key)],
            "-p",
            "@FOLDER@",
            "-e",
            "stderr",
            "-c",
            "@FOLDER@/nginx.conf");
    }
}
