"""Drives a broker with confluent-kafka (librdkafka): with_confluent.py BOOTSTRAP [--groups-consumer] [--transactions].

Each step that holds prints a line; the first that does not ends the program.
"""

import sys
import time

from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, ConfigResource, NewPartitions, NewTopic, OffsetSpec

BOOTSTRAP = sys.argv[1]
DEADLINE = time.monotonic() + 60
CODECS = ["none", "gzip", "snappy", "lz4", "zstd"]


def done(step):
    print("ok", step, flush=True)


def produce(topic, prefix, count, **config):
    failures = []
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "linger.ms": 5, **{k.replace("_", "."): v for k, v in config.items()}})
    for i in range(count):
        key = f"{prefix}-{i}"
        producer.produce(topic, key * 20, key, headers={"h": prefix}, on_delivery=lambda error, _: error and failures.append(error))
    assert producer.flush(30) == 0, "not all was delivered"
    assert failures == [], failures


def consumer(topic, group, **config):
    settings = {"bootstrap.servers": BOOTSTRAP, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False}
    result = Consumer({**settings, **{k.replace("_", "."): v for k, v in config.items()}})
    result.subscribe([topic])
    return result


def consume(consumers, count):
    seen = {}
    while len(seen) < count:
        assert time.monotonic() < DEADLINE, f"read {len(seen)} of {count}"
        for one in consumers:
            for message in one.consume(500, 0.1):
                assert message.error() is None, message.error()
                seen[message.key().decode()] = seen.get(message.key().decode(), 0) + 1
    return seen


def wait(futures):
    for future in futures.values():
        future.result(30)


def codecs():
    for codec in CODECS:
        produce("codecs", codec, 200, compression_type=codec)
    one = consumer("codecs", "codecs")
    seen = consume([one], 1000)
    assert set(seen.values()) == {1}, seen
    one.commit(asynchronous=False)
    one.close()
    done("codecs")


def acks():
    for level in ["0", "1", "all"]:
        produce("acks", f"acks{level}", 50, acks=level)
    produce("acks", "idempotent", 50, enable_idempotence=True, max_in_flight=5)
    one = consumer("acks", "acks")
    consume([one], 200)
    one.close()
    done("acks")


def rebalances(protocol, **config):
    group = f"group-{protocol}"
    first = consumer("codecs", group, **config)
    consume([first], 1000)
    first.commit(asynchronous=False)
    second = consumer("codecs", group, **config)
    wait_for_assignment([first, second])
    first.close()
    wait_for_assignment([second])
    second.close()
    committed = {p.partition: p.offset for p in committed_offsets(group)}
    assert sum(committed.values()) == 1000, committed
    done(f"groups {protocol}")


def wait_for_assignment(consumers):
    while True:
        assert time.monotonic() < DEADLINE, "no stable assignment"
        for one in consumers:
            one.poll(0.1)
        assigned = [{p.partition for p in one.assignment()} for one in consumers]
        if all(assigned) and sorted(p for some in assigned for p in some) == [0, 1, 2]:
            return


def committed_offsets(group):
    futures = ADMIN.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group)])
    return futures[group].result(30).topic_partitions


def expressions():
    # With the consumer protocol it is the broker that resolves them.
    wait(ADMIN.create_topics([NewTopic("expr-one", 1, 1)]))
    produce("expr-one", "one", 10)
    one = consumer("^expr-.*", "expressions", group_protocol="consumer")
    assert len(consume([one], 10)) == 10
    one.close()
    wait(ADMIN.delete_consumer_groups(["expressions"]))
    done("groups expression")


def transactions():
    producer = Producer({"bootstrap.servers": BOOTSTRAP, "transactional.id": "confluent"})
    producer.init_transactions(30)
    for name, end in [("first", producer.commit_transaction), ("aborted", producer.abort_transaction), ("last", producer.commit_transaction)]:
        producer.begin_transaction()
        for i in range(10):
            producer.produce("tx", name, f"{name}-{i}")
        end(30)
    one = consumer("tx", "tx", isolation_level="read_committed")
    seen = consume([one], 20)
    assert not any(key.startswith("aborted") for key in seen), seen
    one.close()
    done("transactions")


def administration():
    metadata = ADMIN.list_topics(timeout=10)
    assert sorted(metadata.topics["codecs"].partitions) == [0, 1, 2]
    try:
        ADMIN.create_topics([NewTopic("codecs", 1, 1)])["codecs"].result(30)
        raise AssertionError("a topic was created twice")
    except KafkaException as error:
        assert error.args[0].name() == "TOPIC_ALREADY_EXISTS", error
    wait(ADMIN.create_partitions([NewPartitions("acks", 2)]))
    resource = ConfigResource(ConfigResource.Type.TOPIC, "codecs")
    configs = ADMIN.describe_configs([resource])[resource].result(30)
    assert configs["cleanup.policy"].value == "delete", configs["cleanup.policy"]
    ends = ADMIN.list_offsets({TopicPartition("codecs", p): OffsetSpec.latest() for p in range(3)})
    assert sum(future.result(30).offset for future in ends.values()) == 1000
    groups = ADMIN.list_consumer_groups().result(30)
    assert {"codecs", "acks"} <= {group.group_id for group in groups.valid}, groups.valid
    described = ADMIN.describe_consumer_groups(["codecs"])["codecs"].result(30)
    assert described.state.name == "EMPTY", described.state
    cluster = ADMIN.describe_cluster().result(30)
    assert len(cluster.nodes) == 1, cluster.nodes
    wait(ADMIN.delete_records([TopicPartition("codecs", 0, 1)]))
    wait(ADMIN.delete_consumer_groups(["codecs", "acks"]))
    wait(ADMIN.delete_topics(["codecs", "acks"]))
    done("administration")


ADMIN = AdminClient({"bootstrap.servers": BOOTSTRAP})
wait(ADMIN.create_topics([NewTopic("codecs", 3, 1), NewTopic("acks", 1, 1), NewTopic("tx", 1, 1)]))
done("topics")
codecs()
acks()
QUICK = {"session_timeout_ms": 10000, "heartbeat_interval_ms": 300}
rebalances("eager", **QUICK, partition_assignment_strategy="range")
rebalances("cooperative", **QUICK, partition_assignment_strategy="cooperative-sticky")
if "--groups-consumer" in sys.argv:
    rebalances("consumer", group_protocol="consumer")
    expressions()
if "--transactions" in sys.argv:
    transactions()
administration()
