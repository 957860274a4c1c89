using System;

namespace Amazon.Lambda.Core
{
    /// <summary>As much of the interface of AWS as a handler needs to compile and run here.</summary>
    public interface ILambdaContext
    {
        string AwsRequestId { get; }

        string FunctionName { get; }

        string FunctionVersion { get; }

        string InvokedFunctionArn { get; }

        string LogGroupName { get; }

        string LogStreamName { get; }

        int MemoryLimitInMB { get; }

        TimeSpan RemainingTime { get; }

        ILambdaLogger Logger { get; }
    }

    /// <summary>Writes to the function's log.</summary>
    public interface ILambdaLogger
    {
        void Log(string message);

        void LogLine(string message);
    }
}
