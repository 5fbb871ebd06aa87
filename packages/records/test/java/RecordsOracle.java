/*
 * Kafka's own record classes as an oracle for @skarab/records.
 *
 *   dump IN OUT                   IN: pieces (int32 length, bytes) of records; OUT: one line per batch and record
 *   write SEED PIECES OUT         random batches v2, every codec and level, and their dump
 *   legacy SEED PIECES OUT        message sets v0 and v1, every codec, and their dump
 *   control PIECES OUT            every kind of control record, and their dump
 *   validate CASES OUT            CASES: JSON array of appends; OUT: what LogValidator makes of each
 */
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.zip.CRC32;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.message.KRaftVersionRecord;
import org.apache.kafka.common.message.LeaderChangeMessage;
import org.apache.kafka.common.message.SnapshotFooterRecord;
import org.apache.kafka.common.message.SnapshotHeaderRecord;
import org.apache.kafka.common.message.VotersRecord;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.ProduceResponse;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.apache.kafka.common.utils.PrimitiveRef;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.storage.internals.log.AppendOrigin;
import org.apache.kafka.storage.internals.log.LogValidator;
import org.apache.kafka.storage.internals.log.RecordValidationException;

public class RecordsOracle {
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "dump" -> {
                try (PrintWriter out = writer(args[2])) {
                    for (byte[] piece : readPieces(args[1])) dump(ByteBuffer.wrap(piece), out);
                }
            }
            case "write" -> writeAll(batches(new Random(Long.parseLong(args[1]))), args[2], args[3]);
            case "legacy" -> writeAll(messageSets(new Random(Long.parseLong(args[1]))), args[2], args[3]);
            case "control" -> writeAll(controlBatches(), args[1], args[2]);
            case "validate" -> validate(args[1], args[2]);
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    // ---- pieces and dumps

    static PrintWriter writer(String path) throws Exception {
        return new PrintWriter(Files.newBufferedWriter(Path.of(path), StandardCharsets.UTF_8));
    }

    static List<byte[]> readPieces(String path) throws Exception {
        List<byte[]> pieces = new ArrayList<>();
        try (DataInputStream in = new DataInputStream(Files.newInputStream(Path.of(path)))) {
            while (in.available() > 0) pieces.add(in.readNBytes(in.readInt()));
        }
        return pieces;
    }

    static void writeAll(List<ByteBuffer> pieces, String piecesPath, String dumpPath) throws Exception {
        try (DataOutputStream out = new DataOutputStream(Files.newOutputStream(Path.of(piecesPath)));
             PrintWriter dump = writer(dumpPath)) {
            for (ByteBuffer piece : pieces) {
                byte[] bytes = new byte[piece.remaining()];
                piece.duplicate().get(bytes);
                out.writeInt(bytes.length);
                out.write(bytes);
                dump(piece, dump);
            }
        }
    }

    static void dump(ByteBuffer piece, PrintWriter out) {
        out.println("piece");
        for (RecordBatch batch : MemoryRecords.readableRecords(piece.duplicate()).batches()) {
            batch.ensureValid();
            if (batch.magic() >= 2) out.println(header((DefaultRecordBatch) batch) + " " + batch.checksum() + " " + batch.sizeInBytes());
            records(batch, out);
        }
    }

    static String header(DefaultRecordBatch batch) {
        return "batch " + batch.baseOffset() + " " + batch.lastOffset() + " " + batch.nextOffset() + " " + batch.partitionLeaderEpoch()
            + " " + batch.magic() + " " + batch.compressionType().name + " " + batch.timestampType() + " " + batch.isTransactional()
            + " " + batch.isControlBatch() + " " + (batch.deleteHorizonMs().isPresent() ? batch.deleteHorizonMs().getAsLong() : "null")
            + " " + batch.baseTimestamp() + " " + batch.maxTimestamp() + " " + batch.producerId() + " " + batch.producerEpoch()
            + " " + batch.baseSequence() + " " + batch.lastSequence() + " " + batch.countOrNull();
    }

    static void records(RecordBatch batch, PrintWriter out) {
        for (Record record : batch) {
            record.ensureValid();
            StringBuilder line = new StringBuilder("record " + record.offset() + " " + record.timestamp() + " " + record.sequence()
                + " " + bytes(record.key()) + " " + bytes(record.value()));
            for (Header header : record.headers()) {
                byte[] value = header.value();
                line.append(" ").append(bytes(ByteBuffer.wrap(header.key().getBytes(StandardCharsets.UTF_8)))).append("=")
                    .append(bytes(value == null ? null : ByteBuffer.wrap(value)));
            }
            out.println(line);
        }
    }

    static String bytes(ByteBuffer buffer) {
        if (buffer == null) return "null";
        CRC32 crc = new CRC32();
        int size = buffer.remaining();
        crc.update(buffer.duplicate());
        return size + ":" + Long.toHexString(crc.getValue());
    }

    // ---- random records

    static byte[] payload(Random random, int size) {
        byte[] bytes = new byte[size];
        if (random.nextInt(3) == 0) {
            random.nextBytes(bytes);
            return bytes;
        }
        for (int i = 0; i < size; i++) bytes[i] = (byte) ("the quick brown fox ".charAt((i + random.nextInt(2)) % 20));
        return bytes;
    }

    static byte[] nullable(Random random, int bits) {
        return random.nextInt(6) == 0 ? null : payload(random, random.nextInt(1 << random.nextInt(bits)));
    }

    static Header[] headers(Random random) {
        Header[] headers = new Header[random.nextInt(3) == 0 ? random.nextInt(5) : 0];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = new RecordHeader(random.nextInt(4) == 0 ? "ключ-" + i : "h" + i, nullable(random, 8));
        }
        return headers;
    }

    static List<Compression> compressions() {
        List<Compression> all = new ArrayList<>();
        all.add(Compression.NONE);
        all.add(Compression.snappy().build());
        for (int level : new int[] {-1, 1, 2, 3, 4, 5, 6, 7, 8, 9}) all.add(Compression.gzip().level(level).build());
        for (int level = 1; level <= 17; level++) all.add(Compression.lz4().level(level).build());
        for (int level : new int[] {-131072, -5, 1, 3, 7, 12, 19, 22}) all.add(Compression.zstd().level(level).build());
        return all;
    }

    static List<ByteBuffer> batches(Random random) {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (Compression compression : compressions()) {
            for (int size : new int[] {1, 7, 60, 1200}) pieces.add(batch(random, compression, size));
        }
        return pieces;
    }

    static ByteBuffer batch(Random random, Compression compression, int count) {
        boolean idempotent = random.nextBoolean();
        long base = random.nextInt(3) == 0 ? 0 : random.nextLong() & ((1L << 50) - 1);
        long now = 1_700_000_000_000L;
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(1024), RecordBatch.MAGIC_VALUE_V2, compression,
            random.nextInt(4) == 0 ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME, base, now,
            idempotent ? random.nextLong() & ((1L << 45) - 1) : -1, (short) (idempotent ? random.nextInt(32768) : -1),
            idempotent ? (random.nextBoolean() ? Integer.MAX_VALUE - random.nextInt(9) : random.nextInt(1000)) : -1,
            idempotent && random.nextBoolean(), false, random.nextInt(1000) - 1, Integer.MAX_VALUE,
            random.nextInt(5) == 0 ? now - 50 : RecordBatch.NO_TIMESTAMP);
        long offset = base;
        for (int i = 0; i < count; i++) {
            if (random.nextInt(20) == 0) offset += random.nextInt(100);
            long timestamp = random.nextInt(10) == 0 ? random.nextLong() & ((1L << 42) - 1) : now + random.nextInt(5000);
            byte[] key = nullable(random, 8);
            byte[] value = nullable(random, count > 100 ? 9 : 16);
            builder.appendWithOffset(offset++, timestamp, key, value, headers(random));
        }
        return builder.build().buffer();
    }

    static List<ByteBuffer> messageSets(Random random) {
        List<ByteBuffer> pieces = new ArrayList<>();
        Compression[] codecs = {
            Compression.NONE, Compression.gzip().build(), Compression.snappy().build(), Compression.lz4().build(), Compression.lz4().level(4).build()};
        for (byte magic = 0; magic <= 1; magic++) {
            for (Compression compression : codecs) {
                for (int count : new int[] {1, 5, 900}) {
                    TimestampType type = random.nextBoolean() ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
                    long offset = random.nextInt(1 << 30);
                    MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(1024), magic, compression, type, offset,
                        1_500_000_000_000L, -1, (short) -1, -1, false, false, -1, Integer.MAX_VALUE);
                    for (int i = 0; i < count; i++) {
                        offset += random.nextInt(10) == 0 ? 5 : 1;
                        builder.appendWithOffset(offset, 1_400_000_000_000L + random.nextInt(5000), nullable(random, 8), nullable(random, 10));
                    }
                    pieces.add(builder.build().buffer());
                }
            }
        }
        return pieces;
    }

    static List<ByteBuffer> controlBatches() {
        List<ByteBuffer> pieces = new ArrayList<>();
        for (ControlRecordType type : new ControlRecordType[] {ControlRecordType.ABORT, ControlRecordType.COMMIT}) {
            pieces.add(MemoryRecords.withEndTransactionMarker(100, 1234, 5, 77, (short) 3, new EndTransactionMarker(type, 12)).buffer());
        }
        Supplier<ByteBuffer> space = () -> ByteBuffer.allocate(1024);
        pieces.add(MemoryRecords.withLeaderChangeMessage(7, 8, 9, space.get(), new LeaderChangeMessage().setLeaderId(3)
            .setVoters(List.of(new LeaderChangeMessage.Voter().setVoterId(3)))).buffer());
        pieces.add(MemoryRecords.withSnapshotHeaderRecord(7, 8, 9, space.get(), new SnapshotHeaderRecord().setLastContainedLogTimestamp(5)).buffer());
        pieces.add(MemoryRecords.withSnapshotFooterRecord(7, 8, 9, space.get(), new SnapshotFooterRecord()).buffer());
        pieces.add(MemoryRecords.withKRaftVersionRecord(7, 8, 9, space.get(), new KRaftVersionRecord().setKRaftVersion((short) 1)).buffer());
        pieces.add(MemoryRecords.withVotersRecord(7, 8, 9, space.get(), new VotersRecord()
            .setVoters(List.of(new VotersRecord.Voter().setVoterId(1).setVoterDirectoryId(new Uuid(1, 2))))).buffer());
        return pieces;
    }

    // ---- LogValidator

    static Time fixedTime(long nowMs) {
        return new Time() {
            @Override public long milliseconds() { return nowMs; }
            @Override public long nanoseconds() { return nowMs * 1_000_000; }
            @Override public long hiResClockMs() { return nowMs; }
            @Override public void sleep(long ms) { }
            @Override public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) { }
        };
    }

    static final LogValidator.MetricsRecorder NO_METRICS = new LogValidator.MetricsRecorder() {
        @Override public void recordInvalidMagic() { }
        @Override public void recordInvalidOffset() { }
        @Override public void recordInvalidSequence() { }
        @Override public void recordInvalidChecksums() { }
        @Override public void recordNoKeyCompactedTopic() { }
    };

    static void validate(String casesPath, String outPath) throws Exception {
        JsonNode cases = new ObjectMapper().readTree(Path.of(casesPath).toFile());
        try (PrintWriter out = writer(outPath)) {
            for (JsonNode each : cases) validate(each, out);
        }
    }

    static Compression compression(String name) {
        return Compression.of(name.equals("uncompressed") ? "none" : name).build();
    }

    static void validate(JsonNode each, PrintWriter out) {
        MemoryRecords records = MemoryRecords.readableRecords(ByteBuffer.wrap(Base64.getDecoder().decode(each.get("bytes").asText())));
        CompressionType source = records.firstBatch().compressionType();
        String target = each.get("targetCompression").asText();
        LogValidator validator = new LogValidator(records, new TopicPartition("topic", 0), fixedTime(each.get("nowMs").asLong()), source,
            target.equals("producer") ? Compression.of(source).build() : compression(target), each.get("compactedTopic").asBoolean(),
            RecordBatch.MAGIC_VALUE_V2, TimestampType.forName(each.get("timestampType").asText()), each.get("timestampBeforeMaxMs").asLong(),
            each.get("timestampAfterMaxMs").asLong(), each.get("leaderEpoch").asInt(),
            each.get("origin").asText().equals("client") ? AppendOrigin.CLIENT : AppendOrigin.COORDINATOR);
        PrimitiveRef.LongRef offset = PrimitiveRef.ofLong(each.get("offsetStart").asLong());
        try {
            LogValidator.ValidationResult result = validator.validateMessagesAndAssignOffsets(offset, NO_METRICS, BufferSupplier.NO_CACHING);
            out.println("valid " + (offset.value - 1) + " " + result.maxTimestampMs() + " " + result.messageSizeMaybeChanged());
            DefaultRecordBatch batch = (DefaultRecordBatch) result.validatedRecords().batches().iterator().next();
            out.println(header(batch));
            records(batch, out);
        } catch (RecordValidationException e) {
            failed(e.invalidException(), out);
            for (ProduceResponse.RecordError error : e.recordErrors()) out.println("at " + error.batchIndex + " " + error.message);
        } catch (RuntimeException e) {
            failed(e, out);
        }
    }

    static void failed(RuntimeException e, PrintWriter out) {
        out.println("failed " + Errors.forException(e).code() + " " + e.getMessage());
    }
}
