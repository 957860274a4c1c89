/** The greeting and the probe, in Java, with nothing but the JDK: JSON comes in by a stream and goes out by another. */

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

public class Hello {
    // The name stays as JSON wrote it, escapes and all, and so it can go back as it came.
    private static final Pattern NAME = Pattern.compile("\"name\"\\s*:\\s*\"((?:[^\"\\\\]|\\\\.)*)\"");

    public void handler(InputStream event, OutputStream answer) throws IOException {
        Matcher found = NAME.matcher(new String(event.readAllBytes(), UTF_8));
        String name = found.find() ? found.group(1) : "world";
        System.out.println("greeting " + name);
        String json = """
                {"greeting": "Hello, %s!", "language": "Java", "version": "%s", "system": "%s %s", "machine": "%s"}"""
                .formatted(name, System.getProperty("java.version"), System.getProperty("os.name"),
                        System.getProperty("os.version"), System.getProperty("os.arch"));
        answer.write(json.getBytes(UTF_8));
    }
}
