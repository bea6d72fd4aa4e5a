// What starting .NET costs, for the harness in ../Transfers to compare with.
return 0;
