import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;

/**
 * Answers questions about messages with Kafka's own codecs, over standard input and output.
 *
 * Question: int32 length, then operation ('D' or 'J'), int16 version, modified UTF-8 name of the message class, payload.
 * Answer: int32 length, then 0 and the result, or 1 and the text of the error.
 * 'D': payload is an encoded message; the result is the length of its JSON, the JSON, and the message encoded again.
 * 'J': payload is JSON; the result is the encoded message.
 */
public final class CodecOracle {
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message.",
        "org.apache.kafka.common.metadata.",
        "org.apache.kafka.coordinator.group.generated.",
        "org.apache.kafka.coordinator.share.generated.",
        "org.apache.kafka.coordinator.transaction.generated.",
        "org.apache.kafka.raft.generated.",
        "org.apache.kafka.server.log.remote.metadata.storage.generated.",
    };

    private final ObjectMapper mapper = new ObjectMapper();
    private final Map<String, Codec> codecs = new HashMap<>();

    private record Codec(Constructor<?> constructor, Method toJson, Method fromJson) { }

    public static void main(String[] args) throws IOException {
        DataInputStream in = new DataInputStream(new BufferedInputStream(System.in, 1 << 16));
        DataOutputStream out = new DataOutputStream(new BufferedOutputStream(System.out, 1 << 16));
        CodecOracle oracle = new CodecOracle();
        while (true) {
            byte[] question;
            try {
                question = new byte[in.readInt()];
            } catch (EOFException end) {
                return;
            }
            in.readFully(question);
            byte[] answer = oracle.answer(question);
            out.writeInt(answer.length);
            out.write(answer);
            if (in.available() == 0) out.flush();
        }
    }

    private byte[] answer(byte[] question) {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(question);
            byte operation = buffer.get();
            short version = buffer.getShort();
            byte[] name = new byte[buffer.getShort()];
            buffer.get(name);
            Codec codec = codec(new String(name, StandardCharsets.UTF_8));
            ByteBuffer payload = buffer.slice();
            return operation == 'D' ? decode(codec, version, payload) : encode(codec, version, payload);
        } catch (Throwable error) {
            Throwable cause = error instanceof InvocationTargetException ? error.getCause() : error;
            return concat(new byte[] {1}, cause.toString().getBytes(StandardCharsets.UTF_8));
        }
    }

    private byte[] decode(Codec codec, short version, ByteBuffer payload) throws Exception {
        Message message = (Message) codec.constructor.newInstance();
        message.read(new ByteBufferAccessor(payload), version);
        if (payload.hasRemaining()) throw new IOException(payload.remaining() + " bytes were not read");
        JsonNode json = (JsonNode) codec.toJson.invoke(null, message, version, false);
        byte[] text = mapper.writeValueAsBytes(json);
        byte[] length = ByteBuffer.allocate(5).put((byte) 0).putInt(text.length).array();
        return concat(concat(length, text), bytesOf(message, version));
    }

    private byte[] encode(Codec codec, short version, ByteBuffer payload) throws Exception {
        JsonNode json = mapper.readTree(payload.array(), payload.arrayOffset(), payload.remaining());
        Message message = (Message) codec.fromJson.invoke(null, json, version);
        return concat(new byte[] {0}, bytesOf(message, version));
    }

    private static byte[] bytesOf(Message message, short version) {
        ByteBuffer encoded = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }

    private Codec codec(String name) throws Exception {
        Codec known = codecs.get(name);
        if (known != null) return known;
        for (String prefix : PACKAGES) {
            try {
                Class<?> type = Class.forName(prefix + name);
                Class<?> converter = Class.forName(prefix + name + "JsonConverter");
                Codec codec = new Codec(
                    type.getConstructor(),
                    converter.getMethod("write", type, short.class, boolean.class),
                    converter.getMethod("read", JsonNode.class, short.class));
                codecs.put(name, codec);
                return codec;
            } catch (ClassNotFoundException elsewhere) {
                continue;
            }
        }
        throw new ClassNotFoundException(name);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }
}
