// Command survive writes to a cluster that loses nodes, and reads back what was acknowledged: survive LIBRARY BOOTSTRAP TOPIC, with
// franz-go or kafka-go. It writes numbers until its standard input ends, and says "acked N" every hundred; at the end it prints what it
// found, as a line of JSON.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	interval = 2 * time.Millisecond
	writers  = 6
)

var (
	library, bootstrap, topic = os.Args[1], strings.Split(os.Args[2], ","), os.Args[3]
	ctx, stop                 = context.WithTimeout(context.Background(), 4*time.Minute)
	acked                     atomic.Int64
)

// found is what came of the numbers that were acknowledged.
type found struct {
	Acked, Lost, Twice, OutOfOrder int
}

func check(err error, what string) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
}

func acknowledged() {
	if n := acked.Add(1); n%100 == 0 {
		fmt.Println("acked", n)
	}
}

// key spreads numbers over six keys; numbers of a key are written in order.
func key(number int) string { return strconv.Itoa(number % writers) }

// written until the standard input ends; returns how many numbers there are.
func write(send func(number int), flush func()) int {
	ended := make(chan struct{})
	go func() {
		io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	for number := 0; ; number++ {
		select {
		case <-ended:
			flush()
			return number
		case <-time.After(interval):
			send(number)
		}
	}
}

func writeWithFranz() int {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.DefaultProduceTopic(topic), kgo.ProducerLinger(5*time.Millisecond))
	check(err, "client")
	defer client.Close()
	send := func(number int) {
		record := &kgo.Record{Key: []byte(key(number)), Value: []byte(strconv.Itoa(number))}
		client.Produce(ctx, record, func(_ *kgo.Record, err error) {
			check(err, "produce")
			acknowledged()
		})
	}
	return write(send, func() { check(client.Flush(ctx), "flush") })
}

// writeWithKafkaGo has a writer for each key, because one returns from a write when it is acknowledged.
func writeWithKafkaGo() int {
	writer := &kafka.Writer{Addr: kafka.TCP(bootstrap...), Topic: topic, Balancer: &kafka.Hash{}, RequiredAcks: kafka.RequireAll,
		BatchTimeout: 5 * time.Millisecond, MaxAttempts: 1}
	queues := [writers]chan int{}
	var all sync.WaitGroup
	for i := range queues {
		queue := make(chan int, 1_000_000)
		queues[i] = queue
		all.Go(func() {
			for number := range queue {
				message := kafka.Message{Key: []byte(key(number)), Value: []byte(strconv.Itoa(number))}
				for writer.WriteMessages(ctx, message) != nil {
					check(ctx.Err(), "write")
					time.Sleep(50 * time.Millisecond)
				}
				acknowledged()
			}
		})
	}
	return write(func(number int) { queues[number%writers] <- number }, func() {
		for _, queue := range queues {
			close(queue)
		}
		all.Wait()
		check(writer.Close(), "close")
	})
}

// readAll calls onNumber for the numbers of each partition in order, until every partition has been read to its end.
func readAll(onNumber func(key string, number int)) {
	client, err := kgo.NewClient(kgo.SeedBrokers(bootstrap...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	check(err, "client")
	defer client.Close()
	for quiet := 0; quiet < 3; {
		poll, cancel := context.WithTimeout(ctx, time.Second)
		fetches := client.PollFetches(poll)
		cancel()
		quiet++
		fetches.EachRecord(func(r *kgo.Record) {
			quiet = 0
			number, err := strconv.Atoi(string(r.Value))
			check(err, "number")
			onNumber(string(r.Key), number)
		})
	}
}

func main() {
	defer stop()
	count := 0
	switch library {
	case "franz-go":
		count = writeWithFranz()
	case "kafka-go":
		count = writeWithKafkaGo()
	default:
		check(fmt.Errorf("no library %s", library), "start")
	}
	result := found{Acked: count}
	seen := make([]bool, count)
	highest := map[string]int{}
	readAll(func(key string, number int) {
		if seen[number] {
			result.Twice++
		} else if before, any := highest[key]; any && before > number {
			result.OutOfOrder++
		} else {
			highest[key] = number
		}
		seen[number] = true
	})
	for _, is := range seen {
		if !is {
			result.Lost++
		}
	}
	line, err := json.Marshal(result)
	check(err, "result")
	fmt.Println(string(line))
}
