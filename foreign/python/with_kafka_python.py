"""Drives a broker with kafka-python: with_kafka_python.py BOOTSTRAP.

Each step that holds prints a line; the first that does not ends the program.
"""

import sys
import threading
import time

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from kafka.errors import TopicAlreadyExistsError

BOOTSTRAP = sys.argv[1]
DEADLINE = time.monotonic() + 60
# Longer than a rebalance takes: kafka-python 3.0 loses the assignment of a join that outlasts its poll, with JVM Kafka as well.
POLL_MS = 2000


def done(step):
    print("ok", step, flush=True)


def produce(topic, prefix, count, **config):
    producer = KafkaProducer(bootstrap_servers=BOOTSTRAP, linger_ms=5, **config)
    futures = []
    for i in range(count):
        key = f"{prefix}-{i}".encode()
        futures.append(producer.send(topic, key=key, value=key * 20, headers=[("h", prefix.encode())]))
    producer.flush(30)
    for future in futures:
        future.get(10)
    producer.close()


def consumer(*topics, **config):
    settings = {"auto_offset_reset": "earliest", "enable_auto_commit": False, "heartbeat_interval_ms": 300, "session_timeout_ms": 10000}
    return KafkaConsumer(*topics, bootstrap_servers=BOOTSTRAP, **{**settings, **config})


def consume(consumers, count):
    seen = {}
    while len(seen) < count:
        assert time.monotonic() < DEADLINE, f"read {len(seen)} of {count}"
        for one in consumers:
            for records in one.poll(POLL_MS).values():
                for record in records:
                    seen[record.key] = seen.get(record.key, 0) + 1
    return seen


def codecs():
    for codec in [None, "gzip"]:
        produce("codecs", str(codec), 200, compression_type=codec)
    one = consumer("codecs", group_id="codecs")
    seen = consume([one], 400)
    assert set(seen.values()) == {1}, seen
    one.commit()
    one.close()
    done("codecs")


def acks():
    for level in [0, 1, "all"]:
        produce("acks", f"acks{level}", 50, acks=level, enable_idempotence=False)
    produce("acks", "idempotent", 50, acks="all", enable_idempotence=True)
    one = consumer()
    one.assign([TopicPartition("acks", 0)])
    one.seek_to_beginning()
    consume([one], 200)
    assert one.end_offsets([TopicPartition("acks", 0)]) == {TopicPartition("acks", 0): 200}
    one.close()
    done("acks")


def groups():
    first = consumer("codecs", group_id="group")
    consume([first], 400)
    first.commit()
    second = consumer("codecs", group_id="group")
    wait_for_assignment([first, second])
    first.close()
    wait_for_assignment([second])
    second.close()
    done("groups")


def wait_for_assignment(consumers):
    """Until the three partitions are shared out; each consumer is polled by a thread of its own, as a rebalance needs them all."""

    def poll(one):
        while time.monotonic() < DEADLINE and not is_stable.is_set():
            one.poll(POLL_MS)

    is_stable = threading.Event()
    threads = [threading.Thread(target=poll, args=(one,), daemon=True) for one in consumers]
    for thread in threads:
        thread.start()
    while not is_stable.wait(0.05):
        assert time.monotonic() < DEADLINE, "no stable assignment"
        assigned = [set(p.partition for p in one.assignment()) for one in consumers]
        if all(assigned) and sorted(p for some in assigned for p in some) == [0, 1, 2]:
            is_stable.set()
    for thread in threads:
        thread.join()


def administration():
    try:
        ADMIN.create_topics([NewTopic("codecs", 1, 1)])
        raise AssertionError("a topic was created twice")
    except TopicAlreadyExistsError:
        pass
    assert {"codecs", "acks"} <= set(ADMIN.list_topics()), ADMIN.list_topics()
    offsets = ADMIN.list_group_offsets(["group"])["group"]
    assert sum(offset.offset for offset in offsets.values()) == 400, offsets
    ADMIN.delete_topics(["codecs", "acks"])
    done("administration")


ADMIN = KafkaAdminClient(bootstrap_servers=BOOTSTRAP)
ADMIN.create_topics([NewTopic("codecs", 3, 1), NewTopic("acks", 1, 1)])
done("topics")
codecs()
acks()
groups()
administration()
