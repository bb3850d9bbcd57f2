// Workers that lock and unlock a mutex of etcd's own recipe, each as soon as it can: what `holdfast bench` does, in the
// language and with the client of etcd. Prints the figures as JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"go.etcd.io/etcd/clientv3"
	"go.etcd.io/etcd/clientv3/concurrency"
)

type figures struct {
	PerSecond float64 `json:"perSecond"`
	P50       float64 `json:"p50Ms"`
	P99       float64 `json:"p99Ms"`
	P999      float64 `json:"p999Ms"`
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func main() {
	endpoints := flag.String("endpoints", "", "host:port, with commas between them")
	workers := flag.Int("workers", 32, "how many at a time")
	seconds := flag.Float64("seconds", 5, "how long to measure, after a second that is not counted")
	hot := flag.Bool("hot", false, "all want the same lock")
	flag.Parse()
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   strings.Split(*endpoints, ","),
		DialTimeout: 5 * time.Second,
	})
	must(err)
	from := time.Now().Add(time.Second)
	until := from.Add(time.Duration(*seconds * float64(time.Second)))
	all := make([][]float64, *workers)
	var group sync.WaitGroup
	for worker := 0; worker < *workers; worker++ {
		group.Add(1)
		go func(worker int) {
			defer group.Done()
			// A session is a lease: workers that compete need one each.
			session, err := concurrency.NewSession(client)
			must(err)
			name := fmt.Sprintf("bench/%d", worker)
			if *hot {
				name = "bench/hot"
			}
			for time.Now().Before(until) {
				mutex := concurrency.NewMutex(session, name)
				start := time.Now()
				must(mutex.Lock(context.Background()))
				took := time.Since(start)
				must(mutex.Unlock(context.Background()))
				if end := time.Now(); end.After(from) && end.Before(until) {
					all[worker] = append(all[worker], took.Seconds()*1000)
				}
			}
		}(worker)
	}
	group.Wait()
	var millis []float64
	for _, some := range all {
		millis = append(millis, some...)
	}
	sort.Float64s(millis)
	rank := func(share float64) float64 { return millis[int(share*float64(len(millis)-1))] }
	must(json.NewEncoder(os.Stdout).Encode(figures{
		float64(len(millis)) / *seconds, rank(0.5), rank(0.99), rank(0.999),
	}))
}
