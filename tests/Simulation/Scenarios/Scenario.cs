using P2PCopy.Simulation.Network;
using P2PCopy.Simulation.World;

namespace P2PCopy.Simulation.Scenarios;

/// <summary>One run: a transfer with faults, its end, then the same transfer without faults.</summary>
internal sealed class Scenario
{
    private readonly Universe _universe;
    private readonly Plan _plan;
    private readonly Ledger _ledger;
    private readonly Side _sender;
    private readonly Side _receiver;
    private readonly SimRelay _relay;
    private readonly FaultPlayer _faults;
    private readonly Judge _judge;

    private Scenario(Universe universe)
    {
        _universe = universe;
        _plan = Plan.Draw(universe.Chance);
        _ledger = new Ledger(universe, _plan);
        _relay = new SimRelay(universe);
        _sender = new Side(universe, _relay, PeerRole.Send, _plan);
        _receiver = new Side(universe, _relay, PeerRole.Receive, _plan);
        _faults = new FaultPlayer(universe, _relay, _ledger, new Dictionary<PeerRole, Side> { [PeerRole.Send] = _sender, [PeerRole.Receive] = _receiver });
        _judge = new Judge(universe, _relay, _plan, _ledger, _sender, _receiver, _faults);
    }

    /// <summary>Runs the scenario of a seed.</summary>
    public static Verdict Run(ulong seed, bool isVerbose)
    {
        Scenario? scenario = null;
        Universe universe = Universe.Run(seed, isVerbose, universe =>
        {
            scenario = new Scenario(universe);
            return scenario.RunAsync();
        });
        if (universe.Stuck is { } stuck)
            scenario!._judge.Violated("the run ends", stuck);
        return new Verdict(seed, scenario!._plan.ToString(), scenario._judge.Violations, universe.Trace, universe.Clock.Now);
    }

    private async Task RunAsync()
    {
        _ledger.Prepare();
        _universe.Trace.Add("plan", _plan.ToString());
        _faults.Begin(_plan);
        Task send = StartAsync(_sender), receive = StartAsync(_receiver);
        Task ended = Task.WhenAll(send, receive);
        if (_plan.Hostile is not null && await Task.WhenAny(ended, Task.Delay(Judge.HostilePatience, _universe.Clock)).ConfigureAwait(false) != ended)
        {
            // A peer that answers and delivers nothing is not a fault that a program can see; a person ends it.
            _sender.Cancel();
            _receiver.Cancel();
        }

        await ended.ConfigureAwait(false);

        // Killed programs may be started again.
        do
            await Task.Delay(TimeSpan.FromSeconds(41), _universe.Clock).ConfigureAwait(false);
        while (_sender.Outcome is null || _receiver.Outcome is null);
        _faults.End();
        _judge.JudgeEnds();
        if (_judge.Violations.Count > 0)
            return;

        if (_universe.Chance.Percent(30))
        {
            _universe.Trace.Add("power-cut", "after the end");
            _universe.Disk.LosePower("/r");
            _judge.JudgePowerCut();
        }

        _universe.Trace.Add("clean-run");
        _ledger.Settle();
        _sender.IsHonest = _receiver.IsHonest = true;
        await Task.WhenAll(_sender.RunAsync(), _receiver.RunAsync()).ConfigureAwait(false);
        await Task.Delay(TimeSpan.FromSeconds(15), _universe.Clock).ConfigureAwait(false); // closed connections may linger
        _judge.JudgeCleanRun();
    }

    private async Task StartAsync(Side side)
    {
        await Task.Delay(_universe.Chance.Time(0.0001, 2), _universe.Clock).ConfigureAwait(false);
        await side.RunAsync().ConfigureAwait(false);
    }
}

/// <summary>What came out of a run.</summary>
internal sealed record Verdict(ulong Seed, string Plan, IReadOnlyList<string> Violations, Trace Trace, TimeSpan Simulated);
