using System;
using Amazon.Lambda.Core;

/// <summary>What a handler is told about its invocation, beside the event.</summary>
sealed class InvocationContext : ILambdaContext
{
    readonly RuntimeApi.Message message;

    internal InvocationContext(RuntimeApi.Message message)
    {
        this.message = message;
    }

    public string AwsRequestId => message.Header("Lambda-Runtime-Aws-Request-Id");

    public string InvokedFunctionArn => message.Header("Lambda-Runtime-Invoked-Function-Arn");

    public TimeSpan RemainingTime =>
        DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(message.Header("Lambda-Runtime-Deadline-Ms"))) - DateTimeOffset.UtcNow;

    public string FunctionName => Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_NAME");

    public string FunctionVersion => Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_VERSION");

    public int MemoryLimitInMB => int.Parse(Environment.GetEnvironmentVariable("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));

    public string LogGroupName => Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_GROUP_NAME");

    public string LogStreamName => Environment.GetEnvironmentVariable("AWS_LAMBDA_LOG_STREAM_NAME");

    public ILambdaLogger Logger => new ConsoleLogger();

    sealed class ConsoleLogger : ILambdaLogger
    {
        public void Log(string message) => Console.Write(message);

        public void LogLine(string message) => Console.WriteLine(message);
    }
}
