import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Values of records that compress about as real ones do, to a bit over half: every second byte is a random letter.
 *
 * <p>Neither zeros, which compress to nothing, nor noise, which does not compress at all. At most 16 MiB of different values.
 */
final class Payloads {
    private final byte[][] values;

    Payloads(int size) {
        Random random = new Random(42);
        int count = Math.max(16, Math.min(1024, (16 << 20) / Math.max(size, 1)));
        values = new byte[Integer.highestOneBit(count)][];
        for (int i = 0; i < values.length; i++) {
            values[i] = new byte[size];
            for (int j = 0; j < size; j++) values[i][j] = (byte) (j % 2 == 0 ? 'a' + random.nextInt(26) : 'x');
        }
    }

    byte[] at(long index) {
        return values[(int) (index & (values.length - 1))];
    }

    /** A value of its own that begins with a time. */
    byte[] stamped(long index, long nanos) {
        byte[] value = at(index).clone();
        ByteBuffer.wrap(value).putLong(nanos);
        return value;
    }
}
