package behavior;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

public class App {
    public void handler(InputStream input, OutputStream output, Context context) throws Exception {
        byte[] bytes = input.readAllBytes();
        String event = new String(bytes, StandardCharsets.UTF_8);
        System.out.println("first line");
        context.getLogger().log("second line: é");
        if (event.contains("fail")) {
            throw new IllegalStateException("so it goes: \"é\"", new IOException("the cause"));
        } else if (event.contains("sleep")) {
            Thread.sleep(30_000);
        } else if (event.contains("exit")) {
            System.exit(3);
        }
        if (event.contains("grow")) {
            bytes = "\"%s\"".formatted("x".repeat(7_000_000)).getBytes(StandardCharsets.UTF_8);
        }
        output.write(event.contains("context") ? told(context).getBytes(StandardCharsets.UTF_8) : bytes);
    }

    private static String told(Context context) {
        return """
                {"request": "%s", "left_ms": %d, "memory_mb": %d, "name": "%s", "arn": "%s", "stream": "%s"}"""
                .formatted(context.getAwsRequestId(), context.getRemainingTimeInMillis(), context.getMemoryLimitInMB(),
                        context.getFunctionName(), context.getInvokedFunctionArn(), context.getLogStreamName());
    }
}
