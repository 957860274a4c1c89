using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Sockets;
using System.Text;

/// <summary>The Lambda Runtime API (2018-06-01) as a runtime sees it: plain HTTP, over one connection that stays open.</summary>
sealed class RuntimeApi
{
    readonly string host;
    NetworkStream output;
    BinaryReader input;

    internal sealed class Message
    {
        internal readonly Dictionary<string, string> Headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        internal byte[] Body;

        internal string Header(string name) => Headers.TryGetValue(name, out var value) ? value : "";
    }

    internal RuntimeApi(string host)
    {
        this.host = host;
        Connect();
    }

    void Connect()
    {
        var client = new TcpClient(host.Split(':')[0], int.Parse(host.Split(':')[1])) { NoDelay = true };
        output = client.GetStream();
        input = new BinaryReader(new BufferedStream(output));
    }

    internal Message Ask(string method, string path, byte[] body)
    {
        var head = Encoding.ASCII.GetBytes(
            $"{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {body.Length}\r\n\r\n");
        var request = new byte[head.Length + body.Length];
        head.CopyTo(request, 0);
        body.CopyTo(request, head.Length);
        output.Write(request, 0, request.Length);
        ReadLine(); // the status: whatever it is, the next event tells
        var answer = new Message();
        for (var line = ReadLine(); line != ""; line = ReadLine())
            answer.Headers[line.Substring(0, line.IndexOf(':'))] = line.Substring(line.IndexOf(':') + 1).Trim();
        answer.Body = input.ReadBytes(int.Parse(answer.Header("Content-Length")));
        if (answer.Header("Connection") == "close") Connect();
        return answer;
    }

    string ReadLine()
    {
        var line = new StringBuilder();
        for (var letter = (char)input.ReadByte(); letter != '\n'; letter = (char)input.ReadByte()) line.Append(letter);
        return line.ToString().Trim();
    }
}
