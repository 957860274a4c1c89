using System;
using System.IO;
using System.Reflection;
using System.Text;

/// <summary>
/// How Lambda runs C#: load the handler once; then, forever, ask for an event, call the handler, bring back its answer.
/// Whom it asks is the Lambda Runtime API.
/// </summary>
static class Bootstrap
{
    static readonly RuntimeApi Api = new RuntimeApi(Environment.GetEnvironmentVariable("AWS_LAMBDA_RUNTIME_API"));

    static int Main()
    {
        LogLines.Attach();
        FunctionHandler handler;
        try
        {
            handler = FunctionHandler.Load(Environment.GetEnvironmentVariable("_HANDLER"));
        }
        catch (Exception problem) // INIT has failed
        {
            Fail("init/error", problem is TargetInvocationException ? problem.InnerException : problem);
            return 1;
        }
        while (true) // Lambda answers "next" when there is an event, and freezes the whole process until then
        {
            Serve(handler, Api.Ask("GET", "invocation/next", new byte[0]));
        }
    }

    static void Serve(FunctionHandler handler, RuntimeApi.Message message)
    {
        var context = new InvocationContext(message);
        LogLines.RequestId = context.AwsRequestId;
        Environment.SetEnvironmentVariable("_X_AMZN_TRACE_ID", message.Header("Lambda-Runtime-Trace-Id"));
        var answer = new MemoryStream();
        try
        {
            var result = handler.Handle(new MemoryStream(message.Body), context);
            if (result != null) result.CopyTo(answer);
        }
        catch (Exception problem)
        {
            Fail("invocation/" + context.AwsRequestId + "/error", problem);
            return;
        }
        Api.Ask("POST", "invocation/" + context.AwsRequestId + "/response", answer.ToArray());
    }

    static void Fail(string path, Exception problem)
    {
        Console.Error.WriteLine(problem);
        Api.Ask("POST", path, Encoding.UTF8.GetBytes(Failure.Json(problem)));
    }
}
