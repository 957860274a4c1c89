package com.amazonaws.services.lambda.runtime;

/** The part of AWS's interface of this name that is known here, so that a handler which uses it compiles and runs. */
public interface Context {
    String getAwsRequestId();

    String getLogGroupName();

    String getLogStreamName();

    String getFunctionName();

    String getFunctionVersion();

    String getInvokedFunctionArn();

    int getRemainingTimeInMillis();

    int getMemoryLimitInMB();

    LambdaLogger getLogger();
}
