package main

import (
	"strings"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	shareGroup = "franz-share"
	shareTopic = "shared"
)

var acknowledged atomic.Int64

// shareMember is a member of the share group (KIP-932); each of its acknowledgements must be taken.
func shareMember(opts ...kgo.Opt) *kgo.Client {
	taken := func(_ *kgo.Client, results kgo.ShareAckResults) {
		check(results.Error(), "acknowledge")
		acknowledged.Add(int64(len(results)))
	}
	return client(append([]kgo.Opt{kgo.ShareGroup(shareGroup), kgo.ConsumeTopics(shareTopic), kgo.ShareAckCallback(taken)}, opts...)...)
}

// take polls until so many records were had, by all members together, and hands each to a function.
func take(count int, each func(r *kgo.Record), members ...*kgo.Client) {
	for had := 0; had < count; {
		for _, c := range members {
			short, cancel := quickly()
			fetches := c.PollFetches(short)
			cancel()
			fetches.EachRecord(func(r *kgo.Record) {
				had++
				each(r)
			})
			check(c.FlushAcks(ctx), "flush acknowledgements")
		}
		check(ctx.Err(), "records of the share group")
	}
}

// takeNothing polls for a moment in which nothing may come.
func takeNothing(c *kgo.Client) {
	short, cancel := quickly()
	defer cancel()
	c.PollFetches(short).EachRecord(func(r *kgo.Record) { expect(false, "%s came again", r.Key) })
}

func readFromStart(c *kgo.Client) {
	const groupType = 32
	value := "earliest"
	config := kmsg.NewIncrementalAlterConfigsRequestResourceConfig()
	config.Name, config.Op, config.Value = "share.auto.offset.reset", kmsg.IncrementalAlterConfigOpSet, &value
	resource := kmsg.NewIncrementalAlterConfigsRequestResource()
	resource.ResourceType, resource.ResourceName = groupType, shareGroup
	resource.Configs = append(resource.Configs, config)
	request := kmsg.NewPtrIncrementalAlterConfigsRequest()
	request.Resources = append(request.Resources, resource)
	response, err := request.RequestWith(ctx, c)
	check(err, "alter configs")
	expect(response.Resources[0].ErrorCode == 0, "altering configs gave %d", response.Resources[0].ErrorCode)
}

func shareGroups(admin *kadm.Client) {
	_, err := admin.CreateTopic(ctx, 2, 1, nil, shareTopic)
	check(err, "create "+shareTopic)
	writer := client()
	defer writer.Close()
	readFromStart(writer)
	produce(writer, shareTopic, "accept", 20)
	produce(writer, shareTopic, "release", 20)
	produce(writer, shareTopic, "reject", 20)

	first := shareMember()
	counts := map[string]int32{}
	take(80, func(r *kgo.Record) {
		key := string(r.Key)
		expect(r.DeliveryCount() == counts[key]+1, "%s was delivered %d times, and is told to be so %d times", key, counts[key]+1, r.DeliveryCount())
		counts[key]++
		switch {
		case strings.HasPrefix(key, "reject"):
			r.Ack(kgo.AckReject)
		case strings.HasPrefix(key, "release") && r.DeliveryCount() == 1:
			r.Ack(kgo.AckRelease)
		default:
			r.Ack(kgo.AckAccept)
		}
	}, first)
	for key, count := range counts {
		expect((count == 2) == strings.HasPrefix(key, "release"), "%s was delivered %d times", key, count)
	}
	takeNothing(first)
	expect(acknowledged.Load() > 0, "no acknowledgement was answered")

	// A record that is renewed stays with whom it is, until that leaves.
	produce(writer, shareTopic, "held", 1)
	take(1, func(r *kgo.Record) { r.Ack(kgo.AckRenew) }, first)
	second := shareMember()
	waitForShareMembers(admin, 2)
	takeNothing(second)
	first.Close()
	take(1, func(r *kgo.Record) {
		expect(string(r.Key) == "held-0" && r.DeliveryCount() == 2, "%s, delivery %d", r.Key, r.DeliveryCount())
		r.Ack(kgo.AckAccept)
	}, second)

	// Two members share, each record going to one of them.
	third := shareMember(kgo.ShareMaxRecords(5), kgo.ShareMaxRecordsStrict())
	waitForShareMembers(admin, 2)
	seen := map[string]int{}
	produce(writer, shareTopic, "both", 100)
	take(100, func(r *kgo.Record) {
		seen[string(r.Key)]++
		r.Ack(kgo.AckAccept)
	}, second, third)
	expectKeys(seen, "both", 100)
	second.Close()
	third.Close()

	waitForShareMembers(admin, 0)
	offsets, err := admin.DescribeShareGroupOffsets(ctx, shareGroup)
	check(err, "describe share offsets")
	sorted := offsets[shareGroup].Offsets.Sorted()
	expect(len(sorted) == 2, "offsets of %d share partitions", len(sorted))
	for _, o := range sorted {
		check(o.Err, "share offset")
		expect(o.Lag == 0, "the lag of %d is %d", o.Partition, o.Lag)
	}
	_, err = admin.DeleteGroups(ctx, shareGroup)
	check(err, "delete group")
	done("share groups")
}

func waitForShareMembers(admin *kadm.Client, count int) {
	for {
		described, err := admin.DescribeShareGroups(ctx, shareGroup)
		check(err, "describe "+shareGroup)
		g := described[shareGroup]
		check(g.Err, "described "+shareGroup)
		isSettled := len(g.Members) == count
		for _, m := range g.Members {
			isSettled = isSettled && len(m.Assignment[shareTopic]) > 0 && m.MemberEpoch == g.GroupEpoch
		}
		if isSettled {
			return
		}
		check(ctx.Err(), "members of the share group")
	}
}
