package lambdadeck;

import com.amazonaws.services.lambda.runtime.Context;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;

/** What a function provides: "package.Class::method", a method that reads the event and writes the answer. */
record Handler(Method method, Object on) {
    /** Finds the method, with or without a context as its last parameter, and makes the object it is called on. */
    static Handler load(String name) throws Exception {
        String[] parts = name.split("::");
        Class<?> type = find(parts[0]);
        String method = parts.length > 1 ? parts[1] : "handleRequest"; // as RequestStreamHandler has it
        for (Method candidate : type.getMethods()) {
            if (candidate.getName().equals(method) && takesStreams(candidate.getParameterTypes())) {
                boolean isStatic = Modifier.isStatic(candidate.getModifiers());
                return new Handler(candidate, isStatic ? null : type.getConstructor().newInstance());
            }
        }
        throw new NoSuchMethodException("No public method named " + method + " with appropriate method signature found"
                + " on class " + type + ": it has to take (InputStream, OutputStream), and may take a Context.");
    }

    void handle(InputStream event, OutputStream answer, Context context) throws Exception {
        Object[] arguments = {event, answer, context};
        method.invoke(on, Arrays.copyOf(arguments, method.getParameterCount()));
    }

    private static Class<?> find(String name) throws ClassNotFoundException {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException problem) {
            throw new ClassNotFoundException("Class not found: " + name);
        }
    }

    private static boolean takesStreams(Class<?>[] types) {
        return (types.length == 2 || types.length == 3 && types[2] == Context.class)
                && types[0] == InputStream.class && types[1] == OutputStream.class;
    }
}
