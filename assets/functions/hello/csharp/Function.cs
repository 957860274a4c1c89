// The greeting and the probe, in C#, with nothing but .NET's own: JSON comes in by a stream and goes out by another.

using System;
using System.IO;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Hello
{
    public class Function
    {
        // The name stays as JSON wrote it, escapes and all, and so it can go back as it came.
        static readonly Regex Name = new Regex("\"name\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

        public Stream Handler(Stream input)
        {
            var found = Name.Match(new StreamReader(input, Encoding.UTF8).ReadToEnd());
            var name = found.Success ? found.Groups[1].Value : "world";
            Console.WriteLine("greeting " + name);
            var json = $"{{\"greeting\": \"Hello, {name}!\", \"language\": \"C#\", "
                + $"\"version\": \"{RuntimeInformation.FrameworkDescription.Split('(')[0].Trim()}\", "
                + $"\"system\": \"{RuntimeInformation.OSDescription}\", "
                + $"\"machine\": \"{RuntimeInformation.ProcessArchitecture}\"}}";
            return new MemoryStream(Encoding.UTF8.GetBytes(json));
        }
    }
}
