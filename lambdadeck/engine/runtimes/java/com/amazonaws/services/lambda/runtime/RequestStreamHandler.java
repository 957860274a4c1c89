package com.amazonaws.services.lambda.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A handler that reads its event from a stream and writes its answer to another. */
public interface RequestStreamHandler {
    void handleRequest(InputStream event, OutputStream answer, Context context) throws IOException;
}
