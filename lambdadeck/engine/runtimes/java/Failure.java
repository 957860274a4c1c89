package lambdadeck;

import java.util.Arrays;
import java.util.stream.Collectors;

/** An exception in the shape in which Lambda reports it. */
final class Failure {
    private Failure() {}

    static String json(Throwable problem) {
        String trace = Arrays.stream(problem.getStackTrace())
                .takeWhile(frame -> !frame.getClassName().startsWith("lambdadeck.") // ours, and how we called it
                        && !frame.getClassName().contains(".reflect."))
                .map(frame -> quoted(frame.toString()))
                .collect(Collectors.joining(","));
        String cause = problem.getCause() == null ? "" : ",\"cause\":" + json(problem.getCause());
        return "{\"errorMessage\":" + quoted(problem.getMessage()) + ",\"errorType\":"
                + quoted(problem.getClass().getName()) + ",\"stackTrace\":[" + trace + "]" + cause + "}";
    }

    private static String quoted(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder json = new StringBuilder("\"");
        for (char letter : text.toCharArray()) {
            boolean plain = letter >= ' ' && letter != '"' && letter != '\\';
            json.append(plain ? String.valueOf(letter) : String.format("\\u%04x", (int) letter));
        }
        return json.append('"').toString();
    }
}
