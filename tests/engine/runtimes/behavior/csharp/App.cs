using System;
using System.IO;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Amazon.Lambda.Core;

namespace Behavior
{
    public class App
    {
        public async Task<Stream> Handler(Stream input, ILambdaContext context)
        {
            var text = await new StreamReader(input, Encoding.UTF8).ReadToEndAsync();
            Console.WriteLine("first line");
            context.Logger.LogLine("second line: é");
            if (text.Contains("fail")) throw new InvalidOperationException("so it goes: \"é\"", new IOException("the cause"));
            if (text.Contains("sleep")) await Task.Delay(30000);
            if (text.Contains("exit")) Environment.Exit(3);
            if (text.Contains("grow")) text = "\"" + new string('x', 7000000) + "\"";
            return new MemoryStream(Encoding.UTF8.GetBytes(text.Contains("context") ? Told(context) : text));
        }

        static string Told(ILambdaContext context)
        {
            return $"{{\"request\": \"{context.AwsRequestId}\", \"left_ms\": {(int)context.RemainingTime.TotalMilliseconds}, "
                + $"\"memory_mb\": {context.MemoryLimitInMB}, \"name\": \"{context.FunctionName}\", "
                + $"\"arn\": \"{context.InvokedFunctionArn}\", \"stream\": \"{context.LogStreamName}\"}}";
        }
    }
}
