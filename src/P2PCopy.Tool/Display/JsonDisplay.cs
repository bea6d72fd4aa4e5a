using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using P2PCopy.Tool.Options;
using P2PCopy.Tool.Prompts;

namespace P2PCopy.Tool.Display;

/// <summary>Shows a transfer as one JSON object per line, each with a member <c>event</c>. The schema is in docs/tool.md.</summary>
/// <param name="host">The clock.</param>
/// <param name="role">The role of this side; null for a command without one.</param>
/// <param name="quiet">Leaves progress out.</param>
/// <param name="writer">Receives the lines.</param>
internal sealed class JsonDisplay(ToolHost host, PeerRole? role, bool quiet, TextWriter writer) : ITransferDisplay
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _gate = new();
    private readonly ArrayBufferWriter<byte> _buffer = new();
    private TransferProgress? _last;
    private readonly long _start = host.Clock.GetTimestamp();

    public void OnEvent(TransferEvent transferEvent)
    {
        switch (transferEvent)
        {
            case TransferEvent.CodeGenerated e:
                Write("code", j => j.WriteString("code", e.Code.Reveal()));
                break;
            case TransferEvent.Listening e:
                Write("listening", j =>
                {
                    j.WriteStartArray("addresses");
                    foreach (Uri address in e.Addresses)
                        j.WriteStringValue(address.AbsoluteUri.TrimEnd('/'));
                    j.WriteEndArray();
                    j.WriteBoolean("answersDiscovery", e.AnswersDiscovery);
                });
                break;
            case TransferEvent.NothingFound e:
                WriteAdvice("nothing-found", e.Message, e.Hint);
                break;
            case TransferEvent.Waiting:
                Write("waiting", _ => { });
                break;
            case TransferEvent.Paired:
                Write("paired", _ => { });
                break;
            case TransferEvent.WrongCode e:
                Write("wrong-code", j =>
                {
                    j.WriteNumber("attempts", e.Attempts);
                    j.WriteNumber("backOffSeconds", Math.Ceiling(e.BackOff.TotalSeconds));
                });
                break;
            case TransferEvent.Offered e:
                Write("offer", j => WriteOffer(j, e.Offer));
                break;
            case TransferEvent.Reconnecting e:
                Write("reconnecting", j => j.WriteString("reason", ToolOptionNames.In(e.Reason)));
                break;
            case TransferEvent.Reconnected:
                Write("reconnected", _ => { });
                break;
            case TransferEvent.PathChanged e:
                Write("path", j =>
                {
                    j.WriteString("path", e.Direct is null ? "relay" : "direct");
                    j.WriteString("address", e.Direct?.ToString());
                });
                break;
            case TransferEvent.Dialling e:
                Write("dialling", j => j.WriteString("address", e.Address.ToString()));
                break;
            case TransferEvent.FileCompleted e:
                Write("file", j => WriteFile(j, e.File));
                break;
            case TransferEvent.Cancelled e:
                HasBegun |= e.Report.BytesTransferred > 0;
                Summary(e.Report);
                break;
            case TransferEvent.Warning e:
                WriteAdvice("warning", e.Message, e.Hint);
                break;
        }
    }

    public bool HasBegun { get; private set; }

    public void Report(TransferProgress value)
    {
        HasBegun |= value.Phase == TransferPhase.Transferring;

        // Unchanged progress is not repeated, so an hour of waiting is one line.
        if (quiet || value == _last)
            return;

        _last = value;
        Write("progress", j =>
        {
            j.WriteString("phase", Camel(value.Phase.ToString()));
            j.WriteNumber("filesDone", value.FilesDone);
            j.WriteNumber("filesTotal", value.FilesTotal);
            j.WriteNumber("bytesDone", value.BytesDone);
            WriteNullable(j, "bytesTotal", value.BytesTotal);
            j.WriteNumber("bytesPerSecond", double.IsFinite(value.BytesPerSecond) ? Math.Round(value.BytesPerSecond) : 0);
            WriteNullable(j, "secondsRemaining", value.SecondsRemaining is { } s && double.IsFinite(s) ? (long)Math.Min(Math.Ceiling(s), 1e15) : null);
            j.WriteString("currentName", value.CurrentName);
            j.WriteNumber("currentDone", value.CurrentDone);
            WriteNullable(j, "currentTotal", value.CurrentTotal);
        });
    }

    public ValueTask<OfferAnswer> ConfirmAsync(TransferOffer offer, bool mayKeep, CancellationToken cancellationToken) => ValueTask.FromResult(OfferAnswer.Yes);

    public ValueTask<ConflictAnswer> ResolveAsync(FileConflict conflict, CancellationToken cancellationToken) => ValueTask.FromResult(ConflictAnswer.Keep);

    public ValueTask<bool> VerifyAsync(string words, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    public void WhatIf(TransferOffer offer) => Write("what-if", j => WriteOffer(j, offer));

    /// <summary>The summary, and before it each unconfirmed file.</summary>
    public void Summary(TransferReport report)
    {
        foreach (FileReport file in report.Files.Where(f => f.Status == FileStatus.Unconfirmed))
            Write("file", j => WriteFile(j, file));
        Write("summary", j =>
        {
            j.WriteBoolean("succeeded", report.Succeeded);
            j.WriteBoolean("durable", report.IsDurable);
            if (role == PeerRole.Receive)
                j.WriteString("sender", report.SenderName);
            foreach (FileStatus status in Enum.GetValues<FileStatus>())
                j.WriteNumber(Camel(status.ToString()), report.Files.Count(f => f.Status == status && f.Kind != FileReportKind.Folder));
            j.WriteNumber("folders", report.Files.Count(f => f.Kind == FileReportKind.Folder));
            j.WriteNumber("bytesCopied", report.BytesCopied);
            j.WriteNumber("bytesUnchanged", report.BytesUnchanged);
            j.WriteNumber("bytesReused", report.BytesReused);
            j.WriteNumber("bytesTransferred", report.BytesTransferred);
            j.WriteNumber("bytesDirect", report.BytesDirect);
            j.WriteNumber("bytesRelayed", report.BytesRelayed);
            j.WriteString("codec", report.Codec is { } codec ? Camel(codec.ToString()) : null);
            j.WriteNumber("chunksTransferred", report.ChunksTransferred);
            j.WriteNumber("chunksRepeated", report.ChunksRepeated);
            j.WriteNumber("reconnects", report.Reconnects);
            j.WriteNumber("seconds", Math.Round(report.Duration.TotalSeconds, 3));
        });
    }

    public void Stopped() => Write("stopped", _ => { });

    public void Error(P2PException error)
        => Write("error", j =>
        {
            j.WriteString("code", error.Code.ToString());
            j.WriteString("message", ToolOptionNames.In(error.Message));
            j.WriteString("hint", ToolOptionNames.In(error.Hint));
            j.WriteNumber("exit", error.Code.ExitStatus());
        });

    private void WriteAdvice(string name, string message, string? hint)
        => Write(name, j =>
        {
            j.WriteString("message", ToolOptionNames.In(message));
            j.WriteString("hint", ToolOptionNames.In(hint));
        });

    private static void WriteOffer(Utf8JsonWriter json, TransferOffer offer)
    {
        json.WriteNumber("files", offer.FileCount);
        json.WriteNumber("folders", offer.FolderCount);
        WriteNullable(json, "bytes", offer.TotalBytes);
        WriteNullable(json, "freeBytes", offer.FreeBytes);
        json.WriteStartArray("names");
        foreach (string name in offer.Names)
            json.WriteStringValue(name);
        json.WriteEndArray();
        if (offer.Plan is { } plan)
            WritePlan(json, plan);
    }

    private static void WritePlan(Utf8JsonWriter json, TransferPlan plan)
    {
        json.WriteStartObject("plan");
        json.WriteString("destination", plan.Destination);
        json.WriteNumber("new", plan.NewFiles);
        json.WriteNumber("replaced", plan.ReplacedFiles);
        json.WriteNumber("newerHere", plan.NewerHere);
        json.WriteNumber("unchanged", plan.UnchangedFiles);
        json.WriteNumber("left", plan.LeftFiles);
        json.WriteNumber("executable", plan.ExecutableFiles);
        json.WriteNumber("hidden", plan.HiddenFiles);
        json.WriteNumber("links", plan.Links);
        json.WriteNumber("throughLinks", plan.FilesThroughLinks);
        json.WriteNumber("changedFolders", plan.ChangedFolders);
        WriteNullable(json, "bytesToTransfer", plan.BytesToTransfer);
        json.WriteNumber("missingBytes", plan.MissingBytes);
        WriteNames("newerNames", plan.NewerNames);
        WriteNames("replacedNames", plan.ReplacedNames);
        json.WriteEndObject();

        void WriteNames(string name, IReadOnlyList<string> names)
        {
            json.WriteStartArray(name);
            foreach (string one in names)
                json.WriteStringValue(one);
            json.WriteEndArray();
        }
    }

    private static void WriteFile(Utf8JsonWriter json, FileReport file)
    {
        json.WriteString("name", file.Name);
        json.WriteString("fullName", file.FullName);
        json.WriteString("kind", Camel(file.Kind.ToString()));
        json.WriteString("status", Camel(file.Status.ToString()));
        json.WriteNumber("length", file.Length);
        json.WriteString("sha256", file.Hash?.ToLowerInvariant());
        json.WriteString("error", file.Error?.ToString());
        json.WriteString("message", ToolOptionNames.In(file.Message));
        json.WriteString("hint", ToolOptionNames.In(file.Hint));
    }

    private static void WriteNullable(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private void Write(string name, Action<Utf8JsonWriter> members)
    {
        lock (_gate)
        {
            _buffer.ResetWrittenCount();
            using (var json = new Utf8JsonWriter(_buffer, Options))
            {
                json.WriteStartObject();
                json.WriteString("event", name);
                json.WriteNumber("time", Math.Round(host.Clock.GetElapsedTime(_start).TotalSeconds, 3));
                if (role is not null)
                    json.WriteString("role", role == PeerRole.Send ? "send" : "receive");
                members(json);
                json.WriteEndObject();
            }

            writer.WriteLine(Encoding.UTF8.GetString(_buffer.WrittenSpan));
        }
    }
}
