using System;
using System.IO;
using System.Text;

/// <summary>What Console.WriteLine looks like in a function's log: time, request, level, text, with tabs between them.</summary>
sealed class LogLines : TextWriter
{
    internal static string RequestId = "";
    readonly TextWriter inner;
    readonly string level;
    bool atStart = true;

    LogLines(Stream stream, string level)
    {
        inner = new StreamWriter(stream, new UTF8Encoding(false)) { AutoFlush = false };
        this.level = level;
    }

    internal static void Attach()
    {
        Console.SetOut(Synchronized(new LogLines(Console.OpenStandardOutput(), "info")));
        Console.SetError(Synchronized(new LogLines(Console.OpenStandardError(), "fail")));
    }

    public override Encoding Encoding => inner.Encoding;

    public override void Write(char letter)
    {
        if (atStart) inner.Write($"{DateTime.UtcNow:yyyy-MM-ddTHH:mm:ss.fffZ}\t{RequestId}\t{level}\t");
        inner.Write(letter);
        atStart = letter == '\n';
        if (atStart) inner.Flush();
    }

    public override void Flush() => inner.Flush();
}
