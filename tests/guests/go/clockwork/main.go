// Uses what Go's runtime draws from time and chance: goroutines, timers, maps and their order. Usage: clockwork [DIR]
package main

import (
	"fmt"
	"math/rand"
	"os"
	"sync"
	"time"
)

func main() {
	began := time.Now()
	fmt.Println("began", began.UTC())
	words := map[string]int{}
	for i := 0; i < 40; i++ {
		words[fmt.Sprint("word", i)] = i
	}
	for word := range words {
		fmt.Print(word, " ")
	}
	fmt.Println(rand.Int63(), rand.Int63())

	var group sync.WaitGroup
	results := make(chan string, 100)
	for i := 0; i < 10; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			time.Sleep(time.Duration(rand.Intn(100)) * time.Millisecond)
			results <- fmt.Sprint(i, " after ", time.Since(began))
		}()
	}
	select {
	case first := <-results:
		fmt.Println("first:", first)
	case <-time.After(time.Minute):
		fmt.Println("none")
	}
	group.Wait()
	close(results)
	for result := range results {
		fmt.Println(result)
	}
	if len(os.Args) > 1 {
		entries, err := os.ReadDir(os.Args[1])
		fmt.Println(len(entries), err)
		for _, entry := range entries {
			info, _ := entry.Info()
			fmt.Println(entry.Name(), info.ModTime().UTC())
		}
	}
	fmt.Println("took", time.Since(began))
}
