// Command franz drives a broker with franz-go: franz BOOTSTRAP [--STEP…], with steps that are only taken when told to. Each step that holds prints a line;
// the first that does not ends it.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

var (
	bootstrap = os.Args[1]
	ctx, stop = context.WithTimeout(context.Background(), 90*time.Second)
)

func check(err error, what string) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(ok bool, format string, args ...any) {
	if !ok {
		check(fmt.Errorf(format, args...), "expectation")
	}
}

func done(step string) { fmt.Println("ok", step) }

// quickly is for what may have nothing to wait for.
func quickly() (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, 50*time.Millisecond)
}

func client(opts ...kgo.Opt) *kgo.Client {
	c, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(bootstrap)}, opts...)...)
	check(err, "client")
	return c
}

func produce(c *kgo.Client, topic, prefix string, count int) {
	for i := 0; i < count; i++ {
		key := fmt.Sprintf("%s-%d", prefix, i)
		record := &kgo.Record{Topic: topic, Key: []byte(key), Value: []byte(strings.Repeat(key, 20)),
			Headers: []kgo.RecordHeader{{Key: "h", Value: []byte(prefix)}}}
		c.Produce(ctx, record, func(_ *kgo.Record, err error) { check(err, "produce "+prefix) })
	}
	check(c.Flush(ctx), "flush")
}

// consume reads until it has seen count distinct keys.
func consume(c *kgo.Client, count int) map[string]int {
	seen := map[string]int{}
	for len(seen) < count {
		fetches := c.PollFetches(ctx)
		check(ctx.Err(), fmt.Sprintf("consume %d of %d", len(seen), count))
		fetches.EachError(func(t string, p int32, err error) { check(err, fmt.Sprintf("fetch %s-%d", t, p)) })
		fetches.EachRecord(func(r *kgo.Record) { seen[string(r.Key)]++ })
	}
	return seen
}

func codecs() {
	all := map[string]kgo.CompressionCodec{"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression()}
	names := []string{}
	for name := range all {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		c := client(kgo.ProducerBatchCompression(all[name]))
		produce(c, "codecs", name, 200)
		c.Close()
	}
	c := client(kgo.ConsumeTopics("codecs"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	seen := consume(c, 200*len(names))
	for key, times := range seen {
		expect(times == 1, "%s was read %d times", key, times)
	}
	done("codecs")
}

func acks() {
	for name, opt := range map[string]kgo.Acks{"none": kgo.NoAck(), "leader": kgo.LeaderAck(), "all": kgo.AllISRAcks()} {
		c := client(kgo.RequiredAcks(opt), kgo.DisableIdempotentWrite())
		produce(c, "acks", name, 50)
		c.Close()
	}
	c := client(kgo.ConsumeTopics("acks"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer c.Close()
	consume(c, 150)
	done("acks")
}

func groups(admin *kadm.Client) {
	member := func() *kgo.Client {
		return client(kgo.ConsumerGroup("franz"), kgo.ConsumeTopics("codecs"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
			kgo.DisableAutoCommit(), kgo.HeartbeatInterval(200*time.Millisecond), kgo.RebalanceTimeout(10*time.Second))
	}
	first := member()
	consume(first, 1000)
	check(first.CommitUncommittedOffsets(ctx), "commit")
	second := member()
	waitForMembers(admin, first, second, 2)
	first.Close()
	waitForMembers(admin, second, second, 1)
	second.Close()
	lags, err := admin.Lag(ctx, "franz")
	check(err, "lag")
	lag := lags["franz"]
	expect(lag.Lag.Total() == 0, "lag is %d", lag.Lag.Total())
	done("groups")
}

// waitForMembers keeps two members polling until the group is stable with so many members and every partition is assigned.
func waitForMembers(admin *kadm.Client, a, b *kgo.Client, members int) {
	for {
		for _, c := range []*kgo.Client{a, b} {
			short, cancel := quickly()
			c.PollFetches(short)
			cancel()
		}
		described, err := admin.DescribeGroups(ctx, "franz")
		check(err, "describe group")
		group := described["franz"]
		check(group.Err, "described group")
		if group.State == "Stable" && len(group.Members) == members && len(group.AssignedPartitions()["codecs"]) == 3 {
			return
		}
		check(ctx.Err(), "rebalance")
	}
}

func transactions() {
	c := client(kgo.TransactionalID("franz-tx"), kgo.DefaultProduceTopic("tx"), kgo.AllowAutoTopicCreation())
	defer c.Close()
	for i, how := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort, kgo.TryCommit} {
		check(c.BeginTransaction(), "begin")
		for j := 0; j < 10; j++ {
			check(c.ProduceSync(ctx, &kgo.Record{Key: []byte(fmt.Sprintf("tx%d-%d", i, j))}).FirstErr(), "produce in transaction")
		}
		check(c.EndTransaction(ctx, how), "end transaction")
	}
	reader := client(kgo.ConsumeTopics("tx"), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	defer reader.Close()
	for key := range consume(reader, 20) {
		expect(!strings.HasPrefix(key, "tx1"), "the aborted %s was read", key)
	}
	done("transactions")
}

func administration(admin *kadm.Client) {
	_, err := admin.CreateTopic(ctx, 1, 1, nil, "codecs")
	expect(err == kerr.TopicAlreadyExists, "creating a topic twice gave %v", err)
	_, err = admin.CreatePartitions(ctx, 2, "acks")
	check(err, "create partitions")
	configs, err := admin.DescribeTopicConfigs(ctx, "codecs")
	check(err, "describe configs")
	expect(len(configs) == 1 && len(configs[0].Configs) > 20, "%d configs", len(configs))
	ends, err := admin.ListEndOffsets(ctx, "codecs")
	check(err, "end offsets")
	total := int64(0)
	ends.Each(func(o kadm.ListedOffset) { total += o.Offset })
	expect(total == 1000, "end offsets add up to %d", total)
	_, err = admin.DeleteGroups(ctx, "franz")
	check(err, "delete group")
	_, err = admin.DeleteTopics(ctx, "codecs", "acks")
	check(err, "delete topics")
	for {
		topics, err := admin.ListTopics(ctx)
		check(err, "list topics")
		if !topics.Has("codecs") && !topics.Has("acks") {
			break
		}
	}
	done("administration")
}

func main() {
	defer stop()
	admin := kadm.NewClient(client())
	for _, topic := range []string{"codecs", "acks"} {
		partitions := int32(3)
		if topic == "acks" {
			partitions = 1
		}
		_, err := admin.CreateTopic(ctx, partitions, 1, nil, topic)
		check(err, "create "+topic)
	}
	done("topics")
	codecs()
	acks()
	groups(admin)
	for _, step := range []struct {
		flag string
		run  func()
	}{
		{"--groups-consumer", func() { consumerGroups(admin) }},
		{"--groups-expression", func() { expressions(admin) }},
		{"--share-groups", func() { shareGroups(admin) }},
		{"--transactions", transactions},
	} {
		if slices.Contains(os.Args[2:], step.flag) {
			step.run()
		}
	}
	administration(admin)
}
