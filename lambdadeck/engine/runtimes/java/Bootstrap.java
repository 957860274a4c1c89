package lambdadeck;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.charset.StandardCharsets;

/**
 * How Lambda runs Java: load the handler once; then, forever, ask for an event, call the handler, bring back its answer.
 * Whom it asks is the Lambda Runtime API.
 */
final class Bootstrap {
    private final RuntimeApi api = new RuntimeApi(System.getenv("AWS_LAMBDA_RUNTIME_API"));

    private Bootstrap() throws IOException {}

    public static void main(String[] arguments) throws IOException {
        new Bootstrap().run(System.getenv("_HANDLER"));
    }

    private void run(String name) throws IOException {
        Handler handler = null;
        try {
            handler = Handler.load(name);
        } catch (Throwable problem) { // INIT has failed
            fail("init/error", problem);
            System.exit(1);
        }
        while (true) { // Lambda answers "next" when there is an event, and freezes the whole process until then
            serve(handler, api.ask("GET", "invocation/next", new byte[0]));
        }
    }

    private void serve(Handler handler, RuntimeApi.Message message) throws IOException {
        String invocation = "invocation/" + message.header("Lambda-Runtime-Aws-Request-Id");
        System.setProperty("com.amazonaws.xray.traceHeader", message.header("Lambda-Runtime-Trace-Id"));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        try {
            handler.handle(new ByteArrayInputStream(message.body()), answer, new InvocationContext(message));
        } catch (Throwable problem) {
            fail(invocation + "/error", problem);
            return;
        }
        api.ask("POST", invocation + "/response", answer.toByteArray());
    }

    private void fail(String path, Throwable thrown) throws IOException {
        Throwable problem = thrown instanceof InvocationTargetException ? thrown.getCause() : thrown;
        System.out.println(problem.getMessage() + ": " + problem.getClass().getName());
        problem.printStackTrace(System.out);
        api.ask("POST", path, Failure.json(problem).getBytes(StandardCharsets.UTF_8));
        if (problem instanceof VirtualMachineError) {
            System.exit(1); // out of memory, for one: nothing after that can be trusted
        }
    }
}
