package lambdadeck;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;

/** What a handler is told about its invocation, beside the event. */
final class InvocationContext implements Context {
    private final RuntimeApi.Message message;

    InvocationContext(RuntimeApi.Message message) {
        this.message = message;
    }

    public String getAwsRequestId() {
        return message.header("Lambda-Runtime-Aws-Request-Id");
    }

    public String getInvokedFunctionArn() {
        return message.header("Lambda-Runtime-Invoked-Function-Arn");
    }

    public int getRemainingTimeInMillis() {
        return (int) (Long.parseLong(message.header("Lambda-Runtime-Deadline-Ms")) - System.currentTimeMillis());
    }

    public String getFunctionName() {
        return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
    }

    public String getFunctionVersion() {
        return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
    }

    public int getMemoryLimitInMB() {
        return Integer.parseInt(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
    }

    public String getLogGroupName() {
        return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
    }

    public String getLogStreamName() {
        return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
    }

    public LambdaLogger getLogger() {
        return System.out::println;
    }
}
