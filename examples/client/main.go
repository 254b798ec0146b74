// A process of `nft2bpf batch` for a program in Go; the standard library only.
//
//	go run . RULESET [PACKET...]     asks about a ruleset, and what becomes of packets (hex, from Ethernet on)
//
// NFT2BPF is the command, nft2bpf by default.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"strings"
)

// Options are those of translate under their names, and those of the operation.
type Options map[string]any

// Diagnostic says what is wrong, and where; lines and columns count from 1 and are 0 where there is no place.
type Diagnostic struct {
	Code, Severity, Message, File string
	Line, Column                  int
	Rendered                      string
}

type request struct {
	ID      int     `json:"id"`
	Op      string  `json:"op"`
	Ruleset any     `json:"ruleset"`
	Options Options `json:"options"`
}

// Answer has as output text, or an object to be decoded into a type of its own.
type Answer struct {
	ID          *int
	OK          bool
	Diagnostics []Diagnostic
	Output      json.RawMessage
}

// Client is one process for any number of requests, one after the other.
type Client struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	last    int
}

// Start runs the command with "batch" behind it.
func Start(command ...string) (*Client, error) {
	child := exec.Command(command[0], append(command[1:], "batch")...)
	child.Stderr = os.Stderr
	in, err := child.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := child.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &Client{command: child, in: in, out: bufio.NewReader(out)}, child.Start()
}

// Ask decodes the output into result; an answer that is not ok is an error that shows its diagnostics.
func (client *Client) Ask(op string, ruleset any, options Options, result any) error {
	client.last++
	line, err := json.Marshal(request{client.last, op, ruleset, options})
	if err != nil {
		return err
	}
	if _, err = client.in.Write(append(line, '\n')); err != nil {
		return err
	}
	if line, err = client.out.ReadBytes('\n'); err != nil {
		return err
	}
	var answer Answer
	if err = json.Unmarshal(line, &answer); err != nil {
		return err
	}
	if answer.ID == nil || *answer.ID != client.last {
		return fmt.Errorf("not the answer to request %d: %s", client.last, line)
	}
	if !answer.OK {
		var shown []string
		for _, diagnostic := range answer.Diagnostics {
			shown = append(shown, diagnostic.Rendered)
		}
		return fmt.Errorf("%s", strings.Join(shown, "\n"))
	}
	return json.Unmarshal(answer.Output, result)
}

// Close ends the process.
func (client *Client) Close() error {
	client.in.Close()
	return client.command.Wait()
}

func show(client *Client, path string, packets []string) error {
	ruleset, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var checked struct {
		Chains []struct {
			Family, Table, Chain string
			Exact                []string
		}
	}
	if err = client.Ask("check", string(ruleset), Options{"name": path}, &checked); err != nil {
		return err
	}
	for _, chain := range checked.Chains {
		where := strings.Join(chain.Exact, ", ")
		if where == "" {
			where = "nowhere"
		}
		fmt.Printf("%s %s %s: exact on %s\n", chain.Family, chain.Table, chain.Chain, where)
	}
	var manifest struct {
		Programs []struct {
			Name, Target string
			Slots        int
		}
	}
	if err = client.Ask("compile", string(ruleset), Options{"name": path}, &manifest); err != nil {
		return err
	}
	for _, program := range manifest.Programs {
		fmt.Printf("program %s for %s: %d instructions\n", program.Name, program.Target, program.Slots)
	}
	var decided struct {
		Packets []struct {
			Packet          int
			Verdict, Reason string
		}
	}
	if err = client.Ask("run", string(ruleset), Options{"name": path, "packets": packets}, &decided); err != nil {
		return err
	}
	for _, packet := range decided.Packets {
		fmt.Printf("packet %d: %s\n", packet.Packet, packet.Verdict+packet.Reason)
	}
	return nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: client RULESET [PACKET...]")
	}
	command := os.Getenv("NFT2BPF")
	if command == "" {
		command = "nft2bpf"
	}
	client, err := Start(strings.Fields(command)...)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	if err = show(client, os.Args[1], append([]string{}, os.Args[2:]...)); err != nil {
		log.Fatal(err)
	}
}
