package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// consumerMember is a member of a group whose partitions the broker assigns (KIP-848).
func consumerMember(group string, balancer kgo.GroupBalancer, opts ...kgo.Opt) *kgo.Client {
	return client(append([]kgo.Opt{kgo.ConsumerGroup(group), kgo.ServerSideBalancer(), kgo.Balancers(balancer),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.DisableAutoCommit(), kgo.RebalanceTimeout(10 * time.Second)}, opts...)...)
}

// poll lets members see what the broker has to say, for a moment each.
func poll(members ...*kgo.Client) {
	for _, c := range members {
		short, cancel := quickly()
		c.PollFetches(short)
		cancel()
	}
	check(ctx.Err(), "the time")
}

// waitForAssignment polls until all members are in the epoch of the group and own the partitions of a topic between them, each some.
func waitForAssignment(admin *kadm.Client, group, topic string, partitions int, members ...*kgo.Client) kadm.DescribedConsumerGroup {
	for {
		poll(members...)
		described, err := admin.DescribeConsumerGroups(ctx, group)
		check(err, "describe "+group)
		g := described[group]
		check(g.Err, "described "+group)
		owned := 0
		isSettled := g.State == "Stable" && len(g.Members) == len(members)
		for _, m := range g.Members {
			own := len(m.Assignment[topic])
			owned += own
			isSettled = isSettled && own > 0 && m.MemberEpoch == g.Epoch
		}
		if isSettled && owned == partitions && len(g.AssignedPartitions()[topic]) == partitions {
			return g
		}
	}
}

func consumerGroups(admin *kadm.Client) {
	for assignor, balancer := range map[string]kgo.GroupBalancer{"uniform": kgo.StickyBalancer(), "range": kgo.RangeBalancer()} {
		group := "franz-" + assignor
		first := consumerMember(group, balancer, kgo.ConsumeTopics("codecs"))
		consume(first, 1000)
		check(first.CommitUncommittedOffsets(ctx), "commit")
		alone := waitForAssignment(admin, group, "codecs", 3, first)
		expect(alone.AssignorName == assignor, "the assignor is %s", alone.AssignorName)
		second := consumerMember(group, balancer, kgo.ConsumeTopics("codecs"))
		both := waitForAssignment(admin, group, "codecs", 3, first, second)
		expect(both.Epoch > alone.Epoch, "the epoch was %d and is %d", alone.Epoch, both.Epoch)
		first.Close()
		waitForAssignment(admin, group, "codecs", 3, second)
		check(second.LeaveGroupContext(ctx), "leave")
		second.Close()
		described, err := admin.DescribeConsumerGroups(ctx, group)
		check(err, "describe "+group)
		g := described[group]
		expect(g.State == "Empty" && len(g.Members) == 0, "%s with %d members", g.State, len(g.Members))
		lags, err := admin.Lag(ctx, group)
		check(err, "lag")
		lag := lags[group]
		expect(lag.Lag.Total() == 0, "lag is %d", lag.Lag.Total())
		third := consumerMember(group, balancer, kgo.ConsumeTopics("codecs"))
		waitForAssignment(admin, group, "codecs", 3, third)
		short, cancel := quickly()
		expect(third.PollFetches(short).NumRecords() == 0, "what is committed came again")
		cancel()
		third.Close()
		_, err = admin.DeleteGroups(ctx, group)
		check(err, "delete "+group)
	}
	done("groups consumer")
}

// expressions lets the broker find the topics of a regular expression, also one that is made later.
func expressions(admin *kadm.Client) {
	makeTopic := func(topic string) {
		_, err := admin.CreateTopic(ctx, 1, 1, nil, topic)
		check(err, "create "+topic)
		c := client()
		produce(c, topic, topic, 10)
		c.Close()
	}
	makeTopic("expr-one")
	makeTopic("other")
	c := consumerMember("franz-expression", kgo.StickyBalancer(), kgo.ConsumeTopics("^expr-.*"), kgo.ConsumeRegex())
	expectKeys(consume(c, 10), "expr-one", 10)
	g := waitForAssignment(admin, "franz-expression", "expr-one", 1, c)
	regex := g.Members[0].SubscribedTopicRegex
	expect(regex != nil && strings.Contains(*regex, "^expr-.*"), "the broker has no expression to resolve")
	makeTopic("expr-two")
	expectKeys(consume(c, 10), "expr-two", 10)
	check(c.CommitUncommittedOffsets(ctx), "commit")
	c.Close()
	_, err := admin.DeleteGroups(ctx, "franz-expression")
	check(err, "delete group")
	done("groups expression")
}

func expectKeys(seen map[string]int, prefix string, count int) {
	for i := 0; i < count; i++ {
		expect(seen[fmt.Sprintf("%s-%d", prefix, i)] == 1, "seen of %s: %v", prefix, seen)
	}
}
