// Workers that lock and unlock a mutex of etcd's own recipe, each as soon as it can: what the load on Holdfast does, in
// the language and with the client of etcd. With -txn a lock is one key with a lease, which a transaction creates if it
// is not there and another one deletes if it is ours: the least that a lock costs. Prints the figures as JSON.
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

func ofMutex(session *concurrency.Session, name string) (lock, unlock func() error) {
	mutex := concurrency.NewMutex(session, name)
	return func() error { return mutex.Lock(context.Background()) },
		func() error { return mutex.Unlock(context.Background()) }
}

func ofTransaction(client *clientv3.Client, session *concurrency.Session, name string) (lock, unlock func() error) {
	owner := fmt.Sprint(session.Lease())
	commit := func(if_ clientv3.Cmp, then clientv3.Op) error {
		answer, err := client.Txn(context.Background()).If(if_).Then(then).Commit()
		if err == nil && !answer.Succeeded {
			err = fmt.Errorf("nobody else has a lock of this name")
		}
		return err
	}
	return func() error {
			free := clientv3.Compare(clientv3.CreateRevision(name), "=", 0)
			return commit(free, clientv3.OpPut(name, owner, clientv3.WithLease(session.Lease())))
		}, func() error {
			return commit(clientv3.Compare(clientv3.Value(name), "=", owner), clientv3.OpDelete(name))
		}
}

func main() {
	endpoints := flag.String("endpoints", "", "host:port, with commas between them")
	workers := flag.Int("workers", 32, "how many at a time")
	seconds := flag.Float64("seconds", 5, "how long to measure, after a second that is not counted")
	hot := flag.Bool("hot", false, "all want the same lock")
	txn := flag.Bool("txn", false, "a transaction each, instead of the mutex")
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
				lock, unlock := ofMutex(session, name)
				if *txn {
					lock, unlock = ofTransaction(client, session, name)
				}
				start := time.Now()
				must(lock())
				took := time.Since(start)
				must(unlock())
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
	rank := func(share float64) float64 {
		if len(millis) == 0 {
			return 0
		}
		return millis[int(share*float64(len(millis)-1))]
	}
	must(json.NewEncoder(os.Stdout).Encode(figures{
		float64(len(millis)) / *seconds, rank(0.5), rank(0.99), rank(0.999),
	}))
}
