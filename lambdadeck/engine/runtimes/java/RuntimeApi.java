package lambdadeck;

import java.io.*;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;

/** The Lambda Runtime API (2018-06-01) as a runtime sees it: plain HTTP, over one connection that stays open. */
final class RuntimeApi {
    private final String host;
    private Socket socket = new Socket();
    private DataInputStream input;

    record Message(TreeMap<String, String> headers, byte[] body) {
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    RuntimeApi(String host) throws IOException {
        this.host = host;
        connect();
    }

    private void connect() throws IOException {
        socket = new Socket(host.split(":")[0], Integer.parseInt(host.split(":")[1]));
        socket.setTcpNoDelay(true);
        input = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    }

    Message ask(String method, String path, byte[] body) throws IOException {
        String head = method + " /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: " + host
                + "\r\nContent-Length: " + body.length + "\r\n\r\n";
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.write(head.getBytes(StandardCharsets.US_ASCII));
        request.write(body);
        request.writeTo(socket.getOutputStream());
        readLine(); // the status: whatever it is, the next event tells
        TreeMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = readLine(); !line.isEmpty(); line = readLine()) {
            headers.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).trim());
        }
        Message answer = new Message(headers, input.readNBytes(Integer.parseInt(headers.get("Content-Length"))));
        if (answer.header("Connection").equals("close")) {
            connect();
        }
        return answer;
    }

    private String readLine() throws IOException {
        StringBuilder line = new StringBuilder();
        for (char letter = (char) input.readByte(); letter != '\n'; letter = (char) input.readByte()) {
            line.append(letter);
        }
        return line.toString().trim();
    }
}
